import { existsSync, readFileSync } from "node:fs";
import type { Sandbox } from "./processes.ts";
import type { ChatRequest, Script, ScriptedReply } from "./scripted-provider.ts";

type Call = NonNullable<ScriptedReply["toolCalls"]>[number];
/** A call, and what its result has to hold. */
type Step = readonly (readonly [call: Call, result: RegExp])[];

/** A task of twenty steps in the sandbox's work folder: files made, run, found wrong, mended; some calls in parallel. */
export interface LongTask {
	/** What the model does: the next step, or at last its answer. */
	script: Script;
	steps: readonly Step[];
	/** The results of a request's tools that are not what they have to be. */
	wrongResults(request: ChatRequest): string[];
	/** The files as they are at the end, by name. */
	files(): Record<string, string | undefined>;
}

export const ANSWER = "The sum works, größe and 🦊 included.";

export function longTask(sandbox: Sandbox): LongTask {
	const steps = stepsIn((name) => sandbox.path(`work/${name}`));
	const expected = steps.flat();
	return {
		steps,
		script: (request) => {
			if (!request.tools?.length) return { text: '{"title":"a title"}' };
			const results = resultsOf(request).length;
			const number = steps.findIndex((_step, index) => steps.slice(0, index + 1).flat().length > results);
			const step = steps[number];
			if (!step) return { text: ANSWER };
			const text = step.length > 1 ? "Several at once." : undefined;
			return { reasoning: `Step ${number + 1}.`, ...(text && { text }), toolCalls: step.map(([call]) => call) };
		},
		wrongResults: (request) =>
			resultsOf(request).flatMap((result, index) => {
				const pattern = expected[index]?.[1];
				return pattern?.test(result) ? [] : [`result ${index + 1}: ${result} is not ${pattern}`];
			}),
		files: () => {
			const read = (name: string) => {
				const path = sandbox.path(`work/${name}`);
				return existsSync(path) ? readFileSync(path, "utf8") : undefined;
			};
			return Object.fromEntries(["sum.mjs", "check.mjs", "notes.md", "scratch.txt"].map((name) => [name, read(name)]));
		},
	};
}

interface Block {
	type?: string;
	id?: string;
	tool_use_id?: string;
	content?: unknown;
}

/**
 * Results of tools in the order of their calls, whatever the wire. Over Messages those of parallel calls may come in any
 * order: their ids say whose they are.
 */
export function resultsOf({ messages }: ChatRequest): string[] {
	const blocks = messages.flatMap(({ content }) => (Array.isArray(content) ? (content as Block[]) : []));
	const results = blocks.filter(({ type }) => type === "tool_result");
	const calls = blocks.filter(({ type }) => type === "tool_use").map(({ id }) => id);
	results.sort((a, b) => calls.indexOf(a.tool_use_id) - calls.indexOf(b.tool_use_id));
	const told = messages.filter(({ role }) => role === "tool");
	return [...told, ...results].map(({ content }) => textOf(content));
}

function textOf(content: unknown): string {
	return typeof content === "string" ? content : JSON.stringify(content);
}

function stepsIn(path: (name: string) => string): readonly Step[] {
	const call = (name: string, input: Record<string, unknown>): Call => ({ name, arguments: input });
	const bash = (command: string) => call("Bash", { command });
	const read = (name: string, more = {}) => call("Read", { file_path: path(name), ...more });
	const write = (name: string, content: string) => call("Write", { file_path: path(name), content });
	const edit = (name: string, old_string: string, new_string: string, more = {}) =>
		call("Edit", { file_path: path(name), old_string, new_string, ...more });
	const done = /created|updated|has been|success/i;
	const check = 'import { sum } from "./sum.mjs";\nif (sum(2, 3) !== 5) throw new Error("2 + 3 is not 5");\n';
	return [
		[[bash("pwd"), /work/]],
		[[write("sum.mjs", "export const sum = (a, b) => a - b;\n"), done]],
		[[write("check.mjs", `${check}console.log("all is well");\n`), done]],
		[[bash("node check.mjs"), /2 \+ 3 is not 5/]],
		[[read("sum.mjs"), /a - b/]],
		[[edit("sum.mjs", "a - b", "a + b"), done]],
		[[bash("node check.mjs"), /all is well/]],
		[
			[read("sum.mjs"), /a \+ b/],
			[read("check.mjs"), /throw new Error/],
		],
		[[edit("check.mjs", "all is well", "all is “größe” 🦊"), done]],
		[[bash("node check.mjs"), /all is “größe” 🦊/]],
		[[write("notes.md", "# Notes\n\n- one\n- two\n- three\n"), done]],
		[
			[bash("wc -l < notes.md"), /5/],
			[bash("head -n 1 notes.md"), /# Notes/],
			[bash("tail -n 1 notes.md"), /- three/],
		],
		[[read("notes.md", { offset: 3, limit: 2 }), /- two/]],
		[[edit("notes.md", "- ", "* ", { replace_all: true }), done]],
		[[bash(`printf '%s\\n' "a \\"quoted\\" \\\\ word" 'tab\there'`), /quoted.*word/s]],
		[[write("scratch.txt", "x\n".repeat(400)), done]],
		[[bash("cat -n scratch.txt"), /400/]],
		[
			[edit("notes.md", "* one", "* one: größe"), done],
			[edit("sum.mjs", "export", "// Adds.\nexport"), done],
		],
		[[bash("rm scratch.txt && ls"), /check\.mjs.*notes\.md.*sum\.mjs/s]],
		[
			[bash("node check.mjs"), /🦊/],
			[read("notes.md"), /\* one: größe/],
		],
	];
}
