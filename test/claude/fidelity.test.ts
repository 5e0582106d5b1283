import { writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startFaultServer } from "../support/fault-server.ts";
import { Sandbox } from "../support/processes.ts";
import { asksFor, CLAUDES, cleanEnvironment, KEY, print, rounds, textOf, toolResults } from "../support/real-claude.ts";
import { type ChatRequest, type Script, ScriptedProvider } from "../support/scripted-provider.ts";
import { selfSigned } from "../support/self-signed.ts";
import { smallPdf } from "../support/small-pdf.ts";

const MCP_SERVER = fileURLToPath(new URL("../support/mcp-server.mjs", import.meta.url));
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

let sandbox: Sandbox;
const open: { close(): Promise<void> }[] = [];

beforeEach(() => {
	sandbox = new Sandbox();
});
afterEach(async () => {
	sandbox.close();
	for (const server of open.splice(0)) await server.close();
});

async function provider(script: Script): Promise<ScriptedProvider> {
	const started = await ScriptedProvider.start(script, KEY);
	open.push(started);
	return started;
}

const call = (name: string, input: Record<string, unknown>) => ({ toolCalls: [{ name, arguments: input }] });
const bodies = ({ requests }: ScriptedProvider) => requests.map(({ body }) => body);
const last = (model: ScriptedProvider) => bodies(model).at(-1) as ChatRequest;

describe.each(CLAUDES)("Claude Code %s: what reaches the provider", (version, claude) => {
	test("an image that was read is shown to the model, after the tool results", async () => {
		const file = sandbox.path("work/dot.png");
		writeFileSync(file, Buffer.from(PNG, "base64"));
		const model = await provider(rounds(call("Read", { file_path: file }), { text: "I saw it." }));
		const run = print(sandbox, claude, sandbox.profile(model.baseUrl), ["look", "--allowedTools", "Read"]);
		expect(await run.ended).toBe(0);
		const { messages } = last(model);
		const result = messages.findIndex((message) => message.role === "tool");
		const image = messages.findIndex((message) => JSON.stringify(message.content).includes("data:image/png;base64,"));
		expect(result).toBeGreaterThan(0);
		expect(image).toBeGreaterThan(result);
	});

	test("a PDF that was read arrives as text", async () => {
		const file = sandbox.path("work/paper.pdf");
		writeFileSync(file, Buffer.from(smallPdf("The answer is forty two"), "base64"));
		const model = await provider(rounds(call("Read", { file_path: file }), { text: "Read." }));
		const run = print(sandbox, claude, sandbox.profile(model.baseUrl), ["read it", "--allowedTools", "Read"]);
		expect(await run.ended).toBe(0);
		expect(JSON.stringify(last(model).messages)).toContain("The answer is forty two");
	});

	test("an MCP tool with a nested schema is offered, called and answered", async () => {
		const input = { where: { city: "Zürich <ZH> & co", zip: null }, days: 3 };
		const isLoaded = ({ tools = [] }: ChatRequest) =>
			tools.some((tool) => tool.function.name === "mcp__sample__forecast");
		const script: Script = (request) => {
			if (!request.tools?.length) return { text: "{}" };
			if (asksFor(request, "forecast for") || toolResults(request).some((text) => text.includes("forecast for"))) {
				return { text: "It will rain." };
			}
			// Newer versions load MCP tools on demand: the model searches first.
			return isLoaded(request)
				? call("mcp__sample__forecast", input)
				: call("ToolSearch", { query: "select:mcp__sample__forecast", max_results: 3 });
		};
		const model = await provider(script);
		const servers = { mcpServers: { sample: { command: process.execPath, args: [MCP_SERVER] } } };
		const words = [
			"weather?",
			"--mcp-config",
			JSON.stringify(servers),
			"--allowedTools",
			"mcp__sample__forecast,ToolSearch",
		];
		const run = print(sandbox, claude, sandbox.profile(model.baseUrl), words);
		expect(await run.ended).toBe(0);
		expect(run.stdout).toBe("It will rain.\n");
		expect(toolResults(last(model)).at(-1)).toContain(JSON.stringify(input));
		const searched = JSON.stringify(bodies(model)).includes('"name":"ToolSearch","arguments"');
		expect(searched).toBe(version === "2.1.332");
	});

	test("WebSearch is answered by the user's search engine", async () => {
		const results = [{ title: "Foxes", url: "https://animals.example/fox", content: "A fox jumps." }];
		const engine = await startFaultServer([{ status: 200, body: JSON.stringify({ results }) }]);
		open.push(engine);
		const model = await provider(rounds(call("WebSearch", { query: "quick fox" }), { text: "Found." }));
		const profile = sandbox.profile(model.baseUrl, { search: { engine: "searxng", url: engine.url } });
		const run = print(sandbox, claude, profile, ["search", "--allowedTools", "WebSearch"]);
		expect(await run.ended).toBe(0);
		expect(engine.requests.map(({ url }) => url)).toEqual(["/search?q=quick+fox&format=json"]);
		expect(toolResults(last(model)).join()).toContain("A fox jumps.");
		expect(toolResults(last(model)).join()).toContain("https://animals.example/fox");
	});

	test("a continued session sends its reasoning back", async () => {
		const reasoning = "The plan: greet, then wait.";
		const model = await provider(() => ({ reasoning, text: "Hello." }));
		const profile = sandbox.profile(model.baseUrl);
		expect(await print(sandbox, claude, profile, ["first"]).ended).toBe(0);
		expect(await print(sandbox, claude, profile, ["second", "--continue"]).ended).toBe(0);
		const assistant = last(model).messages.find((message) => message.role === "assistant");
		expect(assistant).toMatchObject({ content: "Hello.", reasoning_content: reasoning });
	});

	test("Claude Code compacts near the end of a small window, based on the usage that the provider reports", async () => {
		let compacted = false;
		const script: Script = (request) => {
			if (!request.tools?.length) return { text: "{}" };
			if (textOf(request.messages.at(-1) as never).includes("TEXT ONLY")) {
				compacted = true;
				return { text: "<summary>Two commands were run.</summary>" };
			}
			if (compacted) return { text: "Done after the summary." };
			const used = [50_000, 80_000, 105_000][toolResults(request).length] ?? 105_000;
			const usage = {
				prompt_tokens: used,
				completion_tokens: 10,
				prompt_tokens_details: { cached_tokens: 40_000 },
			};
			return { ...call("Bash", { command: "echo step" }), usage };
		};
		const model = await provider(script);
		const models = { "sample-large": { contextWindow: 131_072, maxOutput: 16_384 } };
		const run = print(sandbox, claude, sandbox.profile(model.baseUrl, { models }), ["go", "--allowedTools", "Bash"]);
		expect(await run.ended).toBe(0);
		expect(run.stdout).toBe("Done after the summary.\n");
		expect(compacted).toBe(true);
	});

	test("WebFetch: the page goes to the small model, its summary to the main one", async () => {
		const { key, cert, file } = selfSigned(sandbox.path("tmp"));
		const pages = createServer({ key, cert }, (_request, response) => {
			response.writeHead(200, { "content-type": "text/html" }).end("<h1>Foxes</h1><p>A fox is quick and brown.</p>");
		});
		await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
		open.push({ close: () => new Promise((resolve) => pages.close(() => resolve())) });
		const url = `https://127.0.0.1:${(pages.address() as AddressInfo).port}/fox`;
		const script: Script = (request) => {
			if (asksFor(request, "A fox is quick and brown.") && !request.tools?.length)
				return { text: "DIGEST: foxes are quick." };
			return rounds(call("WebFetch", { url, prompt: "what is a fox?" }), { text: "Fetched." })(request, 0);
		};
		const model = await provider(script);
		const settings = JSON.stringify({ skipWebFetchPreflight: true });
		const words = ["fetch it", "--settings", settings, "--allowedTools", "WebFetch"];
		const options = ["--profile", sandbox.profile(model.baseUrl), "--claude", claude, "-p", ...words];
		const run = sandbox.ccAny(options, cleanEnvironment(sandbox, { NODE_EXTRA_CA_CERTS: file }), "");
		expect(await run.ended, run.stderr).toBe(0);
		expect(toolResults(last(model)).join()).toContain("DIGEST: foxes are quick.");
	}, 30_000);

	test("structured output: the schema reaches the model, and its answer reaches the caller", async () => {
		const answer = { city: "Zürich", degrees: 21 };
		const schema = {
			type: "object",
			properties: { city: { type: "string" }, degrees: { type: "integer" } },
			required: ["city", "degrees"],
		};
		const model = await provider(rounds(call("StructuredOutput", answer), { text: "Done." }));
		const words = ["how warm?", "--json-schema", JSON.stringify(schema), "--output-format", "json"];
		const run = print(sandbox, claude, sandbox.profile(model.baseUrl), words);
		expect(await run.ended, run.stdout).toBe(0);
		expect(JSON.parse(run.stdout)).toMatchObject({ structured_output: answer });
		const offered = bodies(model)[0]?.tools?.find((tool) => tool.function.name === "StructuredOutput");
		expect(offered?.function.parameters).toMatchObject({ properties: { degrees: { type: "integer" } } });
	});
});
