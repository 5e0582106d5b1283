import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startFaultServer } from "../support/fault-server.ts";
import { ANSWER, longTask } from "../support/long-task.ts";
import { Sandbox } from "../support/processes.ts";
import { CLAUDES, KEY, print } from "../support/real-claude.ts";
import { type ChatRequest, type ScriptedProvider as Provider, ScriptedProvider } from "../support/scripted-provider.ts";

let sandbox: Sandbox;
let provider: Provider | undefined;

beforeEach(() => {
	sandbox = new Sandbox();
});
afterEach(async () => {
	sandbox.close();
	// Throws where a request broke a rule of its wire, or where reasoning did not come back byte for byte.
	await provider?.close();
	provider = undefined;
});

const [, newest] = CLAUDES;
const TOOLS = ["--allowedTools", "Write,Read,Edit,Bash"];

/** Each wire: its address, its path, and how reasoning stands in a request that carries it back. */
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

test.each(WIRES)(
	"a task of twenty steps over %s, reasoning carried from step to step, and over a restart",
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
		expect(task.resultsOf(last)).toHaveLength(calls);
		// Gemini signs each call, the others each step.
		const carried = dialect === "gemini" ? calls : task.steps.length;
		expect(JSON.stringify(last).match(reasoning)).toHaveLength(carried);

		// Another process, another proxy: what has to go back stands in Claude Code's own transcript.
		const before = model.requests.length;
		const resumed = print(sandbox, claude, profile, ["say it again", "--continue", ...TOOLS]);
		expect(await resumed.ended).toBe(0);
		expect(resumed.stdout).toBe(`${ANSWER}\n`);
		const again = model.requests.slice(before).findLast(({ body }) => body.tools?.length)?.body as ChatRequest;
		expect(task.wrongResults(again)).toEqual([]);
		expect(task.resultsOf(again)).toHaveLength(calls);
		expect(JSON.stringify(again).match(reasoning)).toHaveLength(carried);
	},
);

const reply = (dialect: string, fixture: string) =>
	readFileSync(new URL(`../fixtures/${dialect}/${fixture}/upstream.sse`, import.meta.url), "utf8");
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
		if (body.includes(search)) return { stream: [reply(dialect, "web-search")] };
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
