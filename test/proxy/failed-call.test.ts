import { afterEach, expect, test } from "vitest";
import { startProxy } from "../../src/proxy/server.ts";
import { startFaultServer } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";
import { ASK } from "../support/sdk-client.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

const BASH = { name: "Bash", input_schema: { type: "object", properties: { command: { type: "string" } } } };
/** The error of Groq for a call that it could not read, as an event of a stream. */
const FAILED = {
	error: {
		message: "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details.",
		type: "invalid_request_error",
		code: "tool_use_failed",
		failed_generation: '<tool_call>\n{"name": "Bash", "arguments": {"command": "ls"}}\n</tool_call>',
		status_code: 400,
	},
};

/** The types of the events that Claude Code gets. */
async function eventsAfter(...stream: string[]): Promise<string[]> {
	const provider = await startFaultServer([{ stream, pause: 50 }]);
	closers.push(() => provider.close());
	const proxy = await startProxy({ profile: testProfile(provider.url) });
	closers.push(() => proxy.close());
	const reply = await fetch(`${proxy.url}/v1/messages`, {
		method: "POST",
		headers: { authorization: `Bearer ${proxy.token}`, "user-agent": "claude-cli/2.1.332 (external, cli)" },
		body: JSON.stringify({ ...ASK, stream: true, tools: [BASH] }),
	});
	return [...(await reply.text()).matchAll(/^event: (.*)$/gm)].map(([, type = ""]) => type);
}

const text = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "I look. " } }] })}\n\n`;
const failure = `event: error\ndata: ${JSON.stringify(FAILED)}\n\n`;

test("a failed call after the first words ends the one message with an error", async () => {
	const events = await eventsAfter(text, failure);
	expect(events.filter((type) => type === "message_start")).toHaveLength(1);
	expect(events.at(-1)).toBe("error");
	expect(events).not.toContain("message_stop");
});

test.each([
	["before any word", [failure]],
	["in one read with the first words", [text + failure]],
])("a failed call %s is read: one message with the call", async (_name, stream) => {
	const events = await eventsAfter(...stream);
	expect(events.filter((type) => type === "message_start")).toHaveLength(1);
	expect(events.at(-1)).toBe("message_stop");
});
