import { afterEach, beforeEach, describe, expect, onTestFailed, test } from "vitest";
import { type Behaviour, chatChunk, chatStream, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { CC_ANY, Sandbox } from "../support/processes.ts";
import { CLAUDES, cleanEnvironment, markOnboarded } from "../support/real-claude.ts";
import { Terminal } from "../support/terminal.ts";

let sandbox: Sandbox;
let server: FaultServer;
let terminal: Terminal | undefined;

beforeEach(() => {
	sandbox = new Sandbox();
	markOnboarded(sandbox);
});
afterEach(async () => {
	terminal?.hangUp();
	await terminal?.ended;
	terminal = undefined;
	sandbox.close();
	await server.close();
});

const refused = (status: number, message: string): Behaviour => ({
	status,
	body: JSON.stringify({ error: { message } }),
});
const nginx: Behaviour = { status: 404, body: "<html><head><title>404 Not Found</title></head></html>" };

/** Requests with Claude Code's prompt: those for a title have no tools, a probe of an address has no messages, a list of models no body. */
const prompts = () => server.requests.filter(({ body }) => body !== "" && JSON.parse(body).tools?.length > 0);

function words(claude: string, path: string): string[] {
	// A known window: the server is asked for nothing but the prompts.
	return ["--claude", claude, "--base-url", `${server.url}${path}`, "--model", "some-model", "--context", "200k"];
}

/** Failure, what the provider does, the path of the base URL, what is shown, prompts sent upstream. */
const CASES: [string, Behaviour, string, RegExp, number][] = [
	["a refused request", refused(400, "the host says no"), "/v1", /API Error: 400 the host says no/, 1],
	[
		"a model that is not there",
		refused(404, "The model `x` does not exist"),
		"/v1",
		/issue with the selected model/,
		1,
	],
	["an empty account", refused(402, "Insufficient Balance"), "/v1", /API Error: 402 Insufficient Balance/, 1],
	["a refused key", refused(401, "Incorrect API key provided"), "/v1", /API Error: 401 Incorrect API key/, 1],
	["an account that may not", refused(403, "Not for you"), "/v1", /API Error: 403 Not for you/, 1],
	["a content filter", refused(400, "content_filter: no"), "/v1", /API Error: 424 content_filter: no/, 1],
	[
		"an error each time",
		refused(500, "Failed to parse tool call arguments"),
		"/v1",
		/API Error: 424 Failed to parse/,
		1,
	],
	["an empty reply", { stream: chatStream({ content: "" }) }, "/v1", /API Error: 424 the model ended its turn/, 2],
	["no API at the address", nginx, "", /API Error: 424 .*\/chat\/completions answers 404/, 1],
	["a login page", { status: 200, body: "<!DOCTYPE html><title>Sign in</title>" }, "/v1", /page titled "Sign in"/, 1],
];

describe.each(CLAUDES)("Claude Code %s in print mode", (_version, claude) => {
	test.each(CASES)(
		"%s",
		async (_name, behaviour, path, shown, count) => {
			server = await startFaultServer([behaviour]);
			const run = sandbox.ccAny([...words(claude, path), "-p", "hello"], cleanEnvironment(sandbox), "");
			expect(await run.ended).toBe(1);
			expect(run.stdout).toMatch(shown);
			expect(prompts()).toHaveLength(count);
		},
		40_000,
	);

	test("reasoning alone: asked twice, then an error", async () => {
		server = await startFaultServer([
			{ stream: [chatChunk({ reasoning_content: "Hm" }), chatChunk({}, "stop"), "data: [DONE]\n\n"] },
		]);
		const run = sandbox.ccAny([...words(claude, "/v1"), "-p", "hello"], cleanEnvironment(sandbox), "");
		expect(await run.ended).toBe(1);
		expect(run.stdout).toMatch(/API Error: .*twice without an answer: reasoning without an answer/);
		expect(prompts()).toHaveLength(2);
	}, 40_000);
});

describe("Claude Code 2.1.332 in a session", () => {
	test.each(CASES.slice(0, 8).filter((_case, index) => index % 2 === 0 || index === 7))(
		"%s",
		async (_name, behaviour, path, shown, count) => {
			server = await startFaultServer([behaviour]);
			const environment = cleanEnvironment(sandbox, { TERM: "xterm-256color" });
			const started = [CC_ANY, ...words(CLAUDES[1][1], path)];
			const screen = new Terminal(process.execPath, started, sandbox.path("work"), environment);
			terminal = screen;
			onTestFailed(() => console.log(screen.text.slice(-2000)));
			await screen.shows("❯");
			screen.write("hello");
			await screen.shows("hello");
			await screen.press("\r", () => prompts().length > 0);
			const [text = ""] = /[\w ]{12,}(?=\/|$)/.exec(shown.source) ?? [];
			await screen.shows(text);
			await new Promise((resolve) => setTimeout(resolve, 1000));
			expect(prompts()).toHaveLength(count);
		},
		40_000,
	);
});

test("an endpoint in another wire: one request, and the right dialect is named once", async () => {
	const message = { id: "msg_1", type: "message", role: "assistant", model: "m", stop_reason: "end_turn" };
	const content = [{ type: "text", text: "Answered." }];
	const usage = { input_tokens: 1, output_tokens: 1 };
	server = await startFaultServer([{ status: 200, body: JSON.stringify({ ...message, content, usage }) }]);
	const run = sandbox.ccAny([...words(CLAUDES[1][1], "/v1"), "-p", "hello"], cleanEnvironment(sandbox), "");
	expect(await run.ended).toBe(0);
	expect(run.stdout).toBe("Answered.\n");
	expect(run.stderr.match(/--dialect anthropic/g)).toHaveLength(1);
	expect(prompts()).toHaveLength(1);
}, 40_000);
