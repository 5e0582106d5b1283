import type { ChatMessage, ChatRequest, ScriptedReply } from "./scripted-provider.ts";

type Call = NonNullable<ScriptedReply["toolCalls"]>[number];

/**
 * Does the small repositories of `cc-any check --with-claude` as a model would, one call a turn: it reads files by Claude
 * Code's tools and makes its edits from what it has read. Undefined for any other prompt.
 */
export function workInRepository(request: ChatRequest): ScriptedReply | undefined {
	if (!request.tools?.some((tool) => tool.function.name === "Edit")) return undefined;
	const text = JSON.stringify(request.messages);
	const job = JOBS.find(([prompt]) => text.includes(prompt));
	if (!job) return undefined;
	const session = new Session(request.messages, /orking directory: ([^\s\\"]+)/.exec(text)?.[1] ?? "");
	const next = job[1](session);
	return next ? { toolCalls: [next] } : { text: "Done." };
}

const JOBS: readonly (readonly [prompt: string, next: (session: Session) => Call | undefined])[] = [
	["The test in test/invoice.test.js fails", fixBug],
	["Rename the function fetchUser to loadUser", rename],
	["tests a function parseDuration", addFeature],
];

/** What was read and done so far. */
class Session {
	readonly #results: ReadonlyMap<string, string>;
	readonly #folder: string;

	constructor(messages: readonly ChatMessage[], folder: string) {
		this.#folder = folder;
		const results = new Map<string, string>();
		for (const { id, function: made } of messages.flatMap((message) => message.tool_calls ?? [])) {
			const result = messages.find((message) => message.role === "tool" && message.tool_call_id === id);
			const { file_path } = JSON.parse(made.arguments) as { file_path: string };
			results.set(`${made.name} ${file_path}`, String(result?.content));
		}
		this.#results = results;
	}

	call(name: string, path: string, input: Record<string, unknown> = {}): Call {
		return { name, arguments: { file_path: `${this.#folder}/${path}`, ...input } };
	}

	/** The call that reads the first of these files that was not read. */
	reads(...paths: readonly string[]): Call | undefined {
		const path = paths.find((one) => !this.#results.has(`Read ${this.#folder}/${one}`));
		return path === undefined ? undefined : this.call("Read", path);
	}

	/** A file as Read showed it, without the numbers of its lines. */
	text(path: string): string {
		const shown = this.#results.get(`Read ${this.#folder}/${path}`) ?? "";
		return [...shown.matchAll(/^ *\d+[\t→](.*)$/gm)].map(([, line]) => line).join("\n");
	}

	did(name: string, path: string): boolean {
		return this.#results.has(`${name} ${this.#folder}/${path}`);
	}
}

function fixBug(session: Session): Call | undefined {
	const file = "src/discount.js";
	const next = session.reads("test/invoice.test.js", "src/invoice.js", file);
	if (next || session.did("Edit", file)) return next;
	const [, old_string = ""] = /return (sum > 5000) \?/.exec(session.text(file)) ?? [];
	return session.call("Edit", file, { old_string, new_string: "sum >= 5000" });
}

const RENAMED = ["README.md", "src/users.js", "src/report.js", "src/greet.js", "src/index.js"];

function rename(session: Session): Call | undefined {
	const next = session.reads(...RENAMED);
	const path = RENAMED.find((one) => !session.did("Write", one));
	if (next || path === undefined) return next;
	return session.call("Write", path, { content: `${session.text(path).replace(/\bfetchUser\b/g, "loadUser")}\n` });
}

const PARSE = `
const SIZES = Object.fromEntries(UNITS);

/** Reads what formatDuration writes. */
export function parseDuration(text) {
	if (!/^(\\d+[hms]\\s*)+$/.test(text)) throw new RangeError(\`no duration: \${text}\`);
	return [...text.matchAll(/(\\d+)([hms])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * SIZES[unit], 0);
}
`;

function addFeature(session: Session): Call | undefined {
	const file = "src/duration.js";
	const next = session.reads("test/duration.test.js", file);
	if (next || session.did("Edit", file)) return next;
	const old_string = '	return parts.join(" ");\n}';
	if (!session.text(file).includes(old_string)) return undefined;
	return session.call("Edit", file, { old_string, new_string: `${old_string}\n${PARSE.trimEnd()}` });
}
