import { inflateSync } from "node:zlib";
import { workInRepository } from "./repository-worker.ts";
import type { ChatMessage, ChatRequest, ScriptedReply } from "./scripted-provider.ts";

/**
 * A scripted model that does what the probes of `cc-any check` ask for, by reading their prompts and nothing else, with
 * the parameters of a provider without a defect. Tests seed one defect each into its replies.
 */
export class HonestModel {
	/** Texts of the requests so far: its prefix cache. */
	readonly #seen: string[] = [];

	reply(request: ChatRequest): ScriptedReply {
		const reply = withLimits(answerTo(request), request);
		const reasoning = request["enable_thinking"] === true ? "Let me think about it." : undefined;
		return { ...reply, ...(reasoning && { reasoning }), usage: this.#usage(request, reply) };
	}

	#usage(request: ChatRequest, reply: ScriptedReply): Record<string, unknown> {
		const text = JSON.stringify([request.messages, request.tools]);
		const cached = Math.max(0, ...this.#seen.map((earlier) => commonLength(earlier, text)));
		this.#seen.push(text);
		const prompt_tokens = Math.ceil(text.length / 4);
		const limit = (request["max_tokens"] as number | undefined) ?? Number.POSITIVE_INFINITY;
		const completion_tokens = Math.min(limit, Math.ceil(JSON.stringify(reply).length / 4));
		const prompt_tokens_details = { cached_tokens: Math.floor(cached / 4 / 128) * 128 };
		return { prompt_tokens, completion_tokens, prompt_tokens_details };
	}
}

function commonLength(one: string, other: string): number {
	let length = 0;
	while (length < one.length && one[length] === other[length]) length++;
	return length;
}

/** What the stop sequences and the output limit leave of a reply; a word counts for a token. */
function withLimits(reply: ScriptedReply, request: ChatRequest): ScriptedReply {
	const stops = (request["stop"] ?? []) as string[];
	const text = stops.reduce((left, stop) => left?.split(stop)[0], reply.text);
	const words = text?.match(/\S+\s*/g) ?? [];
	const limit = (request["max_tokens"] as number | undefined) ?? words.length;
	if (words.length > limit) return { ...reply, text: words.slice(0, limit).join(""), finish: "length" };
	return text === undefined ? reply : { ...reply, text };
}

function answerTo(request: ChatRequest): ScriptedReply {
	const choice = request["tool_choice"] as { function?: { name: string } } | string | undefined;
	if (typeof choice === "object" && choice.function) return toolCall(choice.function.name, { pattern: "morning" });
	const work = workInRepository(request);
	if (work) return work;
	const trail = TRAIL.exec(
		request.messages
			.filter(({ role }) => role === "user")
			.map(contentOf)
			.join("\n"),
	);
	if (trail && request.tools?.length) return followTrail(request, trail[0]);
	const prompt = promptOf(request);
	for (const [pattern, answer] of ANSWERS) {
		const match = pattern.exec(prompt);
		if (match) return choice === "none" ? { text: "No tool may be called." } : answer(match, request);
	}
	return { text: "Hello." };
}

/** The prompt of a loop, wherever Claude Code has put it between its reminders. */
const TRAIL = /Follow the trail of files in [\s\S]*?asked there\.(?: Before the first edit .*)?/;

type Answer = (match: RegExpExecArray, request: ChatRequest) => ScriptedReply;

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1).join(" ");

const ANSWERS: readonly (readonly [RegExp, Answer])[] = [
	[/^Read the files (.+?)\. They/, ([, files = ""]) => readCalls(files.split(", "))],
	[
		/^Read the settings file, (\S+)\./,
		(_match, request) => readCalls([/settings file is (\S+)/.exec(contentOf(request.messages.at(-1)))?.[1] ?? ""]),
	],
	[/^Read (\S+) and (\S+)\. Then say/, ([, left = ""], request) => ({ text: resultFor(request, left) })],
	[
		/^Read the file (\S+)\./,
		([, file = ""], request) => {
			const result = resultFor(request, file);
			return result ? { text: result } : readCalls([file]);
		},
	],
	[/to (\S+)\.\n-----\n([\s\S]*)\n-----/, ([, file_path, content]) => toolCall("Write", { file_path, content })],
	[
		/^In (\S+) replace exactly this\n<old>\n([\s\S]*)\n<\/old>[\s\S]*<new>\n([\s\S]*)\n<\/new>/,
		([, file_path, old_string, new_string]) => toolCall("Edit", { file_path, old_string, new_string }),
	],
	[/^Is the tracker reachable/, () => toolCall("mcp__tracker__status", {})],
	[/^What is 17 plus 25/, () => ({ text: "42" })],
	[/options (\w+) and (\w+)/, ([, one = "", other = ""]) => toolCall("AskUserQuestion", databaseQuestion(one, other))],
	[
		/title "(.+)" and (\w+) priority for the login "(\w+)"/,
		([, title, priority, login]) => toolCall("mcp__tracker__create_issue", { title, priority, assignee: { login } }),
	],
	[/todo list, all pending: (.+)\.$/, ([, list = ""]) => toolCall("TodoWrite", { todos: list.split(", ").map(todo) })],
	[/^Delete the invoice with the id (\d+)/, ([, id]) => toolCall("mcp__erp__delete_invoice", { id })],
	[/^Look for (\w+) with the tool (\w+)/, ([, query, name = ""]) => toolCall(name, { query })],
	[
		/^Which code word did step 3 print/,
		(_match, { messages }) => ({
			text: /step 3: the code word is (\w+)/.exec(messages.map(contentOf).join("\n"))?.[1] ?? "none",
		}),
	],
	[
		/What is the capital of France/,
		(_match, { messages }) => ({
			text: messages.some((message) => contentOf(message).includes("HERON")) ? "Paris. HERON" : "Paris.",
		}),
	],
	[/^Which is larger, 9.11 or 9.9/, () => ({ text: "9.9" })],
	[/Which colour fills this image/, (_match, request) => ({ text: colourOf(request) })],
	[
		/Which code word does the document name/,
		(match) => ({ text: /code word is (\w+)/.exec(match.input)?.[1] ?? "I see no document." }),
	],
	[
		/^The bug is in (\S+) in line (\d+)/,
		([, file, line]) => ({ text: JSON.stringify({ file, line: Number(line), severe: true }) }),
	],
	[/^Write this line and nothing else: (.+)$/, ([, line = ""]) => ({ text: line })],
	[/^Write the numbers from 1 to 300/, () => ({ text: numbers(300) })],
	[/^Write the numbers from 1 to 60/, () => ({ text: numbers(60), pace: 2 })],
	[/harbour master called/, ({ input }) => ({ text: /master is called (\w+)/.exec(input)?.[1] ?? "unknown" })],
];

export function toolCall(name: string, input: Record<string, unknown>): ScriptedReply {
	return { toolCalls: [{ name, arguments: input }] };
}

function readCalls(files: readonly string[]): ScriptedReply {
	return { toolCalls: files.map((file_path) => ({ name: "Read", arguments: { file_path } })) };
}

function databaseQuestion(...labels: string[]): Record<string, unknown> {
	const options = labels.map((label) => ({ label, description: `Use ${label}` }));
	return { questions: [{ question: "Which database?", header: "Database", multiSelect: false, options }] };
}

const todo = (content: string) => ({ content, status: "pending", activeForm: `${content} now` });

/** What the last message of a person says. */
export function promptOf({ messages }: ChatRequest): string {
	return contentOf(messages.findLast((message) => message.role === "user"));
}

function contentOf(message: ChatMessage | undefined): string {
	const content = message?.content;
	if (typeof content === "string") return content;
	const parts = (content ?? []) as { text?: string }[];
	return parts.map((part) => part.text ?? "").join("\n");
}

/** The result of the call that read a file; empty before it came. */
function resultFor({ messages }: ChatRequest, file: string): string {
	const calls = messages.flatMap((message) => message.tool_calls ?? []);
	const id = calls.find((call) => call.function.arguments.includes(file))?.id;
	return contentOf(messages.find((message) => message.role === "tool" && message.tool_call_id === id));
}

/** Looks at the first pixel of an image. */
function colourOf(request: ChatRequest): string {
	const url = /data:image\/png;base64,([A-Za-z0-9+/=]+)/.exec(JSON.stringify(request.messages))?.[1];
	if (!url) return "I see no image.";
	const bytes = Buffer.from(url, "base64");
	const at = bytes.indexOf("IDAT");
	const pixels = inflateSync(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at - 4)));
	const [red = 0, green = 0, blue = 0] = pixels.subarray(1, 4);
	return red > green && red > blue ? "Red." : "Not red.";
}

/** The step that comes next: the first that the files have told and that was not made. */
function followTrail({ messages }: ChatRequest, prompt: string): ScriptedReply {
	const [, first = ""] = /Begin with (\S+)\./.exec(prompt) ?? [];
	const ledger = first.replace(/[^/]+$/, "ledger.txt");
	const beginnings = prompt.includes("Before the first edit") ? [ledger, first] : [first];
	const told = messages.filter((message) => message.role === "tool").map(contentOf);
	const word = /code word of this trail is (\S+)\. /.exec(told.join("\n"))?.[1] ?? "unknown";
	const steps = [
		...beginnings.map((file_path) => ({ name: "Read", arguments: { file_path } })),
		...told.flatMap((text) => trailSteps(text, word)),
	];
	const calls = messages.flatMap((message) => message.tool_calls ?? []);
	const key = (name: string, input: Record<string, unknown>) => `${name} ${input["file_path"]} ${input["old_string"]}`;
	const made = new Set(calls.map((call) => key(call.function.name, JSON.parse(call.function.arguments))));
	const next = steps.find((step) => !made.has(key(step.name, step.arguments as Record<string, unknown>)));
	return next ? { toolCalls: [next] } : { text: word };
}

function trailSteps(text: string, word: string): NonNullable<ScriptedReply["toolCalls"]> {
	return text.split("\n").flatMap((numbered) => {
		const line = numbered.replace(/^\s*\d+[\t→]/, ""); // as Claude Code's Read shows a file
		const [, file_path, old_string, new_string] =
			/^In (\S+) replace the text \[(.*)\] by the text \[(.*)\]$/.exec(line) ?? [];
		if (file_path) return [{ name: "Edit", arguments: { file_path, old_string, new_string } }];
		const [, note, place] = /^Write the text \[(.*)\], .* to (\S+)$/.exec(line) ?? [];
		if (place) return [{ name: "Write", arguments: { file_path: place, content: note } }];
		const [, recall] = /^Write the code word .* to (\S+)$/.exec(line) ?? [];
		if (recall) return [{ name: "Write", arguments: { file_path: recall, content: word } }];
		const [, next] = /^Then read (\S+)$/.exec(line) ?? [];
		return next ? [{ name: "Read", arguments: { file_path: next } }] : [];
	});
}
