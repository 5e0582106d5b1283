import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startFaultServer } from "../support/fault-server.ts";
import { Sandbox } from "../support/processes.ts";
import { CLAUDES, KEY, print, rounds, toolResults } from "../support/real-claude.ts";
import { type ScriptedProvider as Provider, ScriptedProvider } from "../support/scripted-provider.ts";

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

test.each([
	["openai-responses", (model: Provider) => model.baseUrl, "/v1/responses"],
	["gemini", (model: Provider) => model.geminiUrl, "/v1beta/models/sample-large:streamGenerateContent?alt=sse"],
] as const)(
	"a task of five steps over %s, reasoning carried from step to step, and over a restart",
	async (dialect, urlOf, path) => {
		const [, claude] = newest;
		const file = sandbox.path("work/greeting.txt");
		const call = (reasoning: string, name: string, input: Record<string, unknown>) => ({
			reasoning,
			toolCalls: [{ name, arguments: input }],
		});
		const script = rounds(
			call("A file is wanted.", "Write", { file_path: file, content: "Hello größe\n" }),
			call("What does it hold?", "Read", { file_path: file }),
			call("One word is wrong.", "Edit", { file_path: file, old_string: "größe", new_string: "world" }),
			{
				text: "Two looks at once.",
				toolCalls: ["wc -l < greeting.txt", "cat greeting.txt"].map((command) => ({
					name: "Bash",
					arguments: { command },
				})),
			},
			{ text: "The file says Hello world." },
		);
		provider = await ScriptedProvider.start(script, KEY);
		const profile = sandbox.profile("", { dialect, endpoints: { [dialect]: { baseUrl: urlOf(provider) } } });
		const run = print(sandbox, claude, profile, ["greet the world", ...TOOLS]);
		expect(await run.ended).toBe(0);
		expect(run.stdout).toBe("The file says Hello world.\n");
		expect(readFileSync(file, "utf8")).toBe("Hello world\n");
		expect(new Set(provider.requests.map((request) => request.path))).toEqual(new Set([path]));
		const model = provider;
		const last = model.requests.at(-1)?.body;
		expect(last && toolResults(last)).toHaveLength(5);
		expect(JSON.stringify(last)).toContain("Hello world");

		// Another process, another proxy: what has to go back stands in Claude Code's own transcript.
		const before = model.requests.length;
		const resumed = print(sandbox, claude, profile, ["say it again", "--continue", ...TOOLS]);
		expect(await resumed.ended).toBe(0);
		expect(resumed.stdout).toBe("The file says Hello world.\n");
		const continued = model.requests.slice(before).map(({ body }) => toolResults(body).length);
		expect(Math.max(...continued)).toBe(5);
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
