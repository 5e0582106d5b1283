import { mkdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { chatChunk, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { Sandbox } from "../support/processes.ts";
import { asksFor, CLAUDES, KEY, print, rounds, textOf } from "../support/real-claude.ts";
import { type ChatRequest, type Script, ScriptedProvider } from "../support/scripted-provider.ts";

const [, claude] = CLAUDES[1];
const FALLBACK_KEY = "sk-fallback-key-that-must-not-travel";

let sandbox: Sandbox;
const open: { close(): Promise<void> }[] = [];

beforeEach(() => {
	sandbox = new Sandbox();
});
afterEach(async () => {
	sandbox.close();
	for (const server of open.splice(0)) await server.close();
});

async function provider(script: Script, key = KEY): Promise<ScriptedProvider> {
	const started = await ScriptedProvider.start(script, key);
	open.push(started);
	return started;
}

async function faults(script: Parameters<typeof startFaultServer>[0]): Promise<FaultServer> {
	const server = await startFaultServer(script);
	open.push(server);
	return server;
}

const unavailable = { status: 503, body: '{"error":{"message":"Service temporarily unavailable"}}' };
const BROKE = { status: 402, body: '{"error":{"message":"Insufficient Balance"}}' };
const bash = (command: string) => ({ toolCalls: [{ name: "Bash", arguments: { command } }] });

test("a rate limit sent as 503 is waited out without retries of Claude Code", async () => {
	const script = rounds(bash("echo one"), { text: "Done." });
	const model = await provider((request, number) => (number <= 2 ? unavailable : script(request, number)));
	const run = print(sandbox, claude, sandbox.profile(model.baseUrl), ["go", "--allowedTools", "Bash"]);
	expect(await run.ended).toBe(0);
	expect(run.stdout).toBe("Done.\n");
	expect(model.requests).toHaveLength(4);
});

test("an empty account is reported at once in the provider's words, and not retried", async () => {
	const model = await provider(() => BROKE);
	const run = print(sandbox, claude, sandbox.profile(model.baseUrl), ["go"]);
	expect(await run.ended).toBe(1);
	expect(run.stdout).toContain("Insufficient Balance");
	expect(run.stdout).toContain("add money to the account of sample");
	expect(model.requests).toHaveLength(1);
});

test.each<[string, () => Promise<string>]>([
	["out of money", async () => (await provider(() => BROKE)).baseUrl],
	["dead", async () => "http://127.0.0.1:9/v1"],
])("with a fallback the same session goes on, when the primary is %s", async (_name, primary) => {
	const second = await provider(rounds(bash("echo two"), { text: "Done by the second." }), FALLBACK_KEY);
	const address = await primary();
	mkdirSync(sandbox.path("home/.config/cc-any/profiles"), { recursive: true });
	writeFileSync(
		sandbox.path("home/.config/cc-any/profiles/second.yaml"),
		JSON.stringify({ key: FALLBACK_KEY, endpoints: { "openai-chat": { baseUrl: second.baseUrl } }, model: "other" }),
	);
	const profile = sandbox.profile(address, { fallback: ["second"] });
	const run = print(sandbox, claude, profile, ["go", "--allowedTools", "Bash"]);
	expect(await run.ended).toBe(0);
	expect(run.stdout).toBe("Done by the second.\n");
	expect(second.requests.map(({ body }) => body.model)).toEqual(["other", "other"]);
});

test("a context overflow in the provider's words makes Claude Code compact and continue", async () => {
	const isCompaction = ({ messages }: ChatRequest) => textOf(messages.at(-1) as never).includes("TEXT ONLY");
	let compacted = false;
	const script: Script = (request) => {
		if (!request.tools?.length) return { text: "{}" };
		if (isCompaction(request)) {
			compacted = true;
			return { text: "<summary>Files were listed; the answer is 42.</summary>" };
		}
		if (compacted) return { text: "Done after the summary." };
		const calls = request.messages.filter((message) => message.tool_calls?.length).length;
		if (calls < 3) return bash(`echo ${"long ".repeat(400)}${calls}`);
		const message =
			"This model's maximum context length is 131072 tokens. However, your messages resulted in 150000 tokens.";
		return { status: 400, body: JSON.stringify({ error: { message, code: "context_length_exceeded" } }) };
	};
	const model = await provider(script);
	const run = print(sandbox, claude, sandbox.profile(model.baseUrl), ["go", "--allowedTools", "Bash"]);
	expect(await run.ended).toBe(0);
	expect(run.stdout).toBe("Done after the summary.\n");
	expect(compacted).toBe(true);
});

test("a connection reset in the middle of a reply: the non-streaming retry is answered", async () => {
	const server = await faults((request) => {
		const { stream } = JSON.parse(request.body) as { stream?: boolean };
		if (stream) return { stream: [chatChunk({ content: "half an an" })], after: "reset", pause: 100 };
		const choices = [{ index: 0, message: { role: "assistant", content: "A whole answer." }, finish_reason: "stop" }];
		return {
			status: 200,
			body: JSON.stringify({ id: "c", choices, usage: { prompt_tokens: 1, completion_tokens: 1 } }),
		};
	});
	const run = print(sandbox, claude, sandbox.profile(`${server.url}/v1`), ["go"]);
	expect(await run.ended).toBe(0);
	expect(run.stdout).toBe("A whole answer.\n");
	expect(server.requests.length).toBeLessThanOrEqual(3);
});

test("parallel subagents at a rate limit send one probe, not a burst", async () => {
	const agents = ["a", "b", "c", "d", "e", "f", "g", "h"].map((name) => ({
		name: "Agent",
		arguments: {
			description: `agent ${name}`,
			prompt: `you are agent ${name}`,
			subagent_type: "general-purpose",
			run_in_background: false,
		},
	}));
	let limitedUntil = 0;
	let refused = 0;
	const script: Script = (request) => {
		const isAgent = asksFor(request, "you are agent") && !asksFor(request, "delegate it");
		const calls = request.messages.some((message) => message.tool_calls?.length);
		if (isAgent && !calls) {
			limitedUntil ||= Date.now() + 1500;
			if (Date.now() < limitedUntil) {
				refused++;
				return { status: 429, body: '{"error":{"message":"slow down","code":"rate_limit_exceeded"}}' };
			}
			return { text: "agent done" };
		}
		return calls ? { text: "All agents are done." } : { toolCalls: agents };
	};
	const model = await provider(script);
	const run = print(sandbox, claude, sandbox.profile(model.baseUrl), ["delegate it", "--allowedTools", "Agent"]);
	expect(await run.ended).toBe(0);
	expect(run.stdout).toBe("All agents are done.\n");
	// Eight agents started in parallel on a healthy provider: at most those eight were refused, and none of their retries.
	expect(refused).toBeLessThanOrEqual(8);
});
