import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startFaultServer } from "../support/fault-server.ts";
import { readReply } from "../support/fixture.ts";
import { ANSWER, longTask, resultsOf } from "../support/long-task.ts";
import { Sandbox } from "../support/processes.ts";
import { CLAUDES, KEY, print, textOf } from "../support/real-claude.ts";
import {
	type ChatRequest,
	type ScriptedProvider as Provider,
	type Script,
	ScriptedProvider,
} from "../support/scripted-provider.ts";

let sandbox: Sandbox;
let provider: Provider | undefined;

beforeEach(() => {
	sandbox = new Sandbox();
});
afterEach(async () => {
	sandbox.close();
	// Throws if a request broke a rule of its wire format, or if reasoning did not come back byte for byte.
	await provider?.close();
	provider = undefined;
});

const [, newest] = CLAUDES;
const TOOLS = ["--allowedTools", "Write,Read,Edit,Bash"];

/** Each wire format: its base URL, its path, and what a request looks like that carries reasoning back. */
const WIRES = [
	["openai-chat", (model: Provider) => model.baseUrl, "/v1/chat/completions", /"reasoning_content":"Step \d+\."/g],
	["openai-responses", (model: Provider) => model.baseUrl, "/v1/responses", /"encrypted_content":"sealed\+/g],
	[
		"gemini",
		(model: Provider) => model.geminiUrl,
		"/v1beta/models/sample-large:streamGenerateContent?alt=sse",
		/"thoughtSignature":"signed\+/g,
	],
	["anthropic", (model: Provider) => model.anthropicUrl, "/anthropic/v1/messages", /"signature":"signed-\d+"/g],
] as const;
/** The scripted Gemini and Responses servers require the reasoning of their own calls only. */
const ORDER = ["gemini", "openai-responses", "openai-chat", "anthropic"];
const TIERS = ["opus", "sonnet", "haiku", "fable"];

test.each(WIRES)(
	"a task of twenty steps over %s carries reasoning from step to step, and over a restart",
	async (dialect, urlOf, path, reasoning) => {
		const [, claude] = newest;
		const task = longTask(sandbox);
		provider = await ScriptedProvider.start(task.script, KEY);
		const model = provider;
		const profile = sandbox.profile("", { dialect, endpoints: { [dialect]: { baseUrl: urlOf(model) } } });
		const run = print(sandbox, claude, profile, ["make a sum", ...TOOLS]);
		expect(await run.ended).toBe(0);
		expect(run.stdout).toBe(`${ANSWER}\n`);
		expect(task.files()).toEqual({
			"sum.mjs": "// Adds.\nexport const sum = (a, b) => a + b;\n",
			"check.mjs": expect.stringContaining("all is “größe” 🦊"),
			"notes.md": "# Notes\n\n* one: größe\n* two\n* three\n",
			"scratch.txt": undefined,
		});
		expect(new Set(model.requests.map((request) => request.path))).toEqual(new Set([path]));
		const last = model.requests.at(-1)?.body as ChatRequest;
		expect(task.wrongResults(last)).toEqual([]);
		const calls = task.steps.flat().length;
		expect(resultsOf(last)).toHaveLength(calls);
		// Gemini signs each call, the others each step.
		const carried = dialect === "gemini" ? calls : task.steps.length;
		expect(JSON.stringify(last).match(reasoning)).toHaveLength(carried);

		// A new process and a new proxy: what must be sent back is in Claude Code's own transcript.
		const before = model.requests.length;
		const resumed = print(sandbox, claude, profile, ["say it again", "--continue", ...TOOLS]);
		expect(await resumed.ended).toBe(0);
		expect(resumed.stdout).toBe(`${ANSWER}\n`);
		const again = model.requests.slice(before).findLast(({ body }) => body.tools?.length)?.body as ChatRequest;
		expect(task.wrongResults(again)).toEqual([]);
		expect(resultsOf(again)).toHaveLength(calls);
		expect(JSON.stringify(again).match(reasoning)).toHaveLength(carried);
	},
);

const PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

test("a session that changes its wire format three times keeps calls, results and the image", async () => {
	const [, claude] = newest;
	writeFileSync(sandbox.path("work/a.png"), Buffer.from(PICTURE, "base64"));
	// One step for each prompt: the first looks at an image, the others count.
	const script: Script = (request) => {
		if (!request.tools?.length) return { text: '{"title":"a title"}' };
		const prompts = request.messages.filter((message) => /step \d of four/.test(textOf(message))).length;
		const results = resultsOf(request).length;
		if (results >= prompts) return { text: `Done ${prompts}.` };
		const read = { name: "Read", arguments: { file_path: sandbox.path("work/a.png") } };
		const bash = { name: "Bash", arguments: { command: `echo result-${prompts}` } };
		return { reasoning: `Step ${prompts}.`, toolCalls: [prompts === 1 ? read : bash] };
	};
	provider = await ScriptedProvider.start(script, KEY);
	const model = provider;
	const wires = WIRES.toSorted(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b));
	const quirks = { imagesInToolResults: true };
	const facts = { contextWindow: 262_144, maxOutput: 32_768, vision: true };
	const profile = sandbox.profile("", {
		dialect: "openai-chat",
		endpoints: Object.fromEntries(wires.map(([dialect, urlOf]) => [dialect, { baseUrl: urlOf(model), quirks }])),
		models: Object.fromEntries(wires.map(([dialect]) => [`over-${dialect}`, { ...facts, dialect }])),
		tiers: Object.fromEntries(wires.map(([dialect], index) => [TIERS[index], `over-${dialect}`])),
	});
	for (const [index, [, , path]] of wires.entries()) {
		const before = model.requests.length;
		const words = [
			`step ${index + 1} of four`,
			"--model",
			TIERS[index] ?? "",
			...(index > 0 ? ["--continue"] : []),
			...TOOLS,
		];
		const run = print(sandbox, claude, profile, words);
		expect(await run.ended, run.stderr).toBe(0);
		expect(run.stdout).toBe(`Done ${index + 1}.\n`);
		const last = model.requests.slice(before).findLast(({ body }) => body.tools?.length);
		expect(last?.path.replace("over-gemini", "sample-large")).toBe(path);
		const text = JSON.stringify(last?.body);
		expect(text).toContain(PICTURE);
		for (let step = 2; step <= index + 1; step++) expect(text).toContain(`result-${step}`);
		expect(resultsOf(last?.body as ChatRequest)).toHaveLength(index + 1);
		expect(text).not.toContain("cc-any:1:");
	}
});

const sse = (...events: object[]) => events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
const completed = (item: object) =>
	sse({ type: "response.completed", response: { status: "completed", output: [item], usage: { input_tokens: 5 } } });
const chunk = (part: object) => sse({ candidates: [{ content: { parts: [part] }, finishReason: "STOP" }] });
const QUERY = { query: "vitest 4" };

test.each([
	{
		dialect: "openai-responses",
		path: "/v1",
		search: '"type":"web_search"',
		answered: '"function_call_output"',
		ask: completed({ type: "function_call", call_id: "c1", name: "WebSearch", arguments: JSON.stringify(QUERY) }),
		end: completed({ type: "message", content: [{ type: "output_text", text: "Searched." }] }),
		found: "https://vitest.dev/4",
	},
	{
		dialect: "gemini",
		path: "/v1beta",
		search: '"googleSearch"',
		answered: '"functionResponse"',
		ask: chunk({ functionCall: { name: "WebSearch", args: QUERY } }),
		end: chunk({ text: "Searched." }),
		found: "https://vertexaisearch.example/1",
	},
])("WebSearch is run by the provider itself over $dialect", async ({ dialect, path, search, answered, ...texts }) => {
	const [, claude] = newest;
	const server = await startFaultServer(({ body }) => {
		if (body.includes(search)) return { stream: [readReply(`${dialect}/web-search`)] };
		return { stream: [body.includes(answered) ? texts.end : texts.ask] };
	});
	const quirks = { serverTools: ["web_search"] };
	const endpoints = { [dialect]: { baseUrl: `${server.url}${path}`, quirks } };
	const profile = sandbox.profile("", { dialect, endpoints });
	const run = print(sandbox, claude, profile, ["search", "--allowedTools", "WebSearch"]);
	expect(await run.ended).toBe(0);
	expect(run.stdout).toBe("Searched.\n");
	const last = server.requests.at(-1)?.body ?? "";
	expect(last).toContain(texts.found);
	expect(last).toContain("Vitest 4 is out.");
	await server.close();
});
