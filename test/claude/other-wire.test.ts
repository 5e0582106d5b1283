import { afterEach, beforeEach, expect, test } from "vitest";
import { chatChunk, type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { Sandbox } from "../support/processes.ts";
import { CLAUDES, print } from "../support/real-claude.ts";

let sandbox: Sandbox;
let server: FaultServer | undefined;

beforeEach(() => {
	sandbox = new Sandbox();
});
afterEach(async () => {
	sandbox.close();
	await server?.close();
});

const [, [, claude]] = CLAUDES;
const INPUT = JSON.stringify({ command: "echo found it", description: "Looks" });
const USAGE = { prompt_tokens: 900, completion_tokens: 20 };
const chat = (choice: object) => `data: ${JSON.stringify({ choices: [choice], usage: USAGE })}\n\n`;
const event = (type: string, fields: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const CALL = { index: 0, id: "call_1", type: "function", function: { name: "Bash", arguments: INPUT } };
const START = event("message_start", { message: { id: "msg_1", role: "assistant", content: [], usage: USAGE } });
const END = { finish_reason: "stop", index: 0 };

/** An endpoint that claims the Messages API: how it asks for a command, and how it answers then. */
test.each<[string, string, string]>([
	[
		"chunks of a chat completion",
		`${chatChunk({ tool_calls: [CALL] })}${chat({ delta: {}, finish_reason: "tool_calls", index: 0 })}data: [DONE]\n\n`,
		`${chat({ delta: { content: "Done." }, ...END })}data: [DONE]\n\n`,
	],
	[
		"a chat completion as JSON",
		JSON.stringify({ choices: [{ message: { tool_calls: [CALL] }, finish_reason: "tool_calls" }], usage: USAGE }),
		JSON.stringify({ choices: [{ message: { content: "Done." }, ...END }], usage: USAGE }),
	],
	[
		"fields of chat completions inside events, without indexes and stop reasons",
		START +
			event("content_block_delta", { delta: { reasoning_content: "Hm." } }) +
			event("content_block_delta", { delta: { tool_calls: [CALL] } }) +
			event("message_delta", { delta: { finish_reason: "tool_calls" }, usage: USAGE }) +
			event("message_stop", {}),
		`${START + event("content_block_delta", { delta: { text: "Done." } })}data: [DONE]\n\n`,
	],
	[
		"a Message with tool_calls beside its content, and one with a text as its content",
		JSON.stringify({ type: "message", content: [], tool_calls: [CALL], finish_reason: "tool_calls", usage: USAGE }),
		JSON.stringify({ type: "message", role: "assistant", content: "Done.", stop_reason: "stop" }),
	],
])("a task over an endpoint that sends %s", async (_name, ask, answer) => {
	server = await startFaultServer(({ body }) => ({ stream: [body.includes('"tool_result"') ? answer : ask] }));
	const profile = sandbox.profile("", { dialect: "anthropic", endpoints: { anthropic: { baseUrl: server.url } } });
	const run = print(sandbox, claude, profile, ["look", "--allowedTools", "Bash"]);
	expect(await run.ended).toBe(0);
	expect(run.stdout).toBe("Done.\n");
	const last = server.requests.at(-1)?.body ?? "";
	expect(last).toContain("found it");
});

test("a limit before the first visible token costs one request, and Claude Code goes on", async () => {
	server = await startFaultServer(({ body }) => {
		const isResumed = body.includes("token limit");
		return {
			stream: [chat(isResumed ? { delta: { content: "Done." }, ...END } : { delta: {}, finish_reason: "length" })],
		};
	});
	const profile = sandbox.profile("", {
		dialect: "openai-chat",
		endpoints: { "openai-chat": { baseUrl: server.url } },
	});
	const run = print(sandbox, claude, profile, ["look"]);
	expect(await run.ended).toBe(0);
	expect(run.stdout).toBe("Done.\n");
	expect(server.requests).toHaveLength(2);
});

test("a turn that the provider refuses is asked for as often as Claude Code asks, and it says so", async () => {
	server = await startFaultServer([{ stream: [chat({ delta: {}, finish_reason: "content_filter" })] }]);
	const profile = sandbox.profile("", {
		dialect: "openai-chat",
		endpoints: { "openai-chat": { baseUrl: server.url } },
	});
	const run = print(sandbox, claude, profile, ["look"]);
	expect(await run.ended).toBe(1);
	expect(run.stdout).toContain("can't help with this");
	// Claude Code 2.1.332 itself asks once more, with a longer system prompt.
	expect(new Set(server.requests.map(({ body }) => body)).size).toBe(server.requests.length);
	expect(server.requests.length).toBeLessThanOrEqual(2);
});
