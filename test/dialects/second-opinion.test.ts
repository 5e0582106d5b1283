import { LLMock } from "@copilotkit/aimock";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Dialect } from "../../src/dialects/dialect.ts";
import type { MessageEvent } from "../../src/protocol/events.ts";
import { grammarCheck } from "../../src/protocol/grammar.ts";
import { MessageCollector } from "../../src/protocol/message-events.ts";
import type { Message, MessageRequest } from "../../src/protocol/messages.ts";
import { sseFrames } from "../../src/protocol/sse-frames.ts";
import { sink } from "../../src/protocol/stage.ts";
import { repairRequest } from "../../src/repairs/index.ts";
import { ALL_DIALECTS, counter, makeTarget } from "../support/fixture.ts";

/** A fake provider that others wrote, speaking all protocols: a second opinion on what we send and read. */
const mock = new LLMock({ port: 0 });

beforeAll(async () => {
	// The first rule that fits answers.
	// Gemini's wire has no ids of calls: aimock makes them up.
	mock.on({ toolCallId: "call_gemini_Bash_0" }, { content: "Two files." });
	mock.on({ toolCallId: "toolu_1" }, { content: "Two files." });
	mock.onMessage("say hello", { content: "Hello there, größe 🦊!", reasoning: "They greet me." });
	mock.onMessage("list files", {
		content: "Looking.",
		toolCalls: [
			{ name: "Bash", arguments: '{"command":"ls"}' },
			{ name: "Read", arguments: '{"file_path":"a"}' },
		],
	});
	await mock.start();
});
afterAll(() => mock.stop());

/** What a base URL of each dialect ends with. */
const PREFIXES = { "openai-chat": "/v1", "openai-responses": "/v1", gemini: "/v1beta", anthropic: "" } as const;

async function ask(dialect: Dialect, request: MessageRequest): Promise<{ message: Message; violations: string[] }> {
	const target = makeTarget(dialect.name);
	const context = { target, mintId: counter(), note: () => {} };
	const repaired = repairRequest(request, context);
	const { path, headers, body, toolNames } = dialect.encode(repaired, target, () => {});
	const response = await fetch(`${mock.url}${PREFIXES[dialect.name]}${path}`, {
		method: "POST",
		headers: { "content-type": "application/json", authorization: "Bearer none", "x-api-key": "none", ...headers },
		body: JSON.stringify(body),
	});
	expect(response.status).toBe(200);
	const collector = new MessageCollector();
	const check = grammarCheck();
	const violations: string[] = [];
	const output = sink((event: MessageEvent) => {
		violations.push(...[check(event)].filter((violation) => violation !== undefined));
		collector.push(event);
	});
	const line = dialect.decode({ ...context, request: repaired, toolNames })(output);
	if (response.headers.get("content-type")?.includes("event-stream")) {
		const frames = sseFrames()(line);
		for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) frames.push(bytes);
		frames.end();
	} else {
		for (const frame of dialect.framesOf(await response.text())) line.push(frame);
		line.end();
	}
	// aimock's Responses encrypt a reasoning that it does not show: an empty block that only carries it back.
	const content = collector.message!.content.filter((block) => (block as { thinking?: string }).thinking !== "");
	return { message: { ...collector.message!, content }, violations };
}

const tools = ["Bash", "Read"].map((name) => ({ name, input_schema: { type: "object", properties: {} } }));
const base: MessageRequest = {
	model: "any",
	max_tokens: 500,
	tools,
	messages: [{ role: "user", content: "say hello" }],
};

describe.each(ALL_DIALECTS)("aimock, $name", (dialect) => {
	test.each([true, false])("thinking and text, streamed: %s", async (stream) => {
		const { message, violations } = await ask(dialect, { ...base, ...(stream && { stream }) });
		expect(violations).toEqual([]);
		expect(message.content).toMatchObject([
			{ type: "thinking", thinking: "They greet me." },
			{ type: "text", text: "Hello there, größe 🦊!" },
		]);
		expect(message.stop_reason).toBe("end_turn");
	});

	test.each([true, false])("parallel tool calls, streamed: %s", async (stream) => {
		const messages = [{ role: "user" as const, content: "list files" }];
		const { message, violations } = await ask(dialect, { ...base, messages, ...(stream && { stream }) });
		expect(violations).toEqual([]);
		expect(message.content).toMatchObject([
			{ type: "text", text: "Looking." },
			{ type: "tool_use", name: "Bash", input: { command: "ls" } },
			{ type: "tool_use", name: "Read", input: { file_path: "a" } },
		]);
		expect(message.stop_reason).toBe("tool_use");
	});

	test("a tool result finds its call", async () => {
		const messages: MessageRequest["messages"] = [
			{ role: "user", content: "list files" },
			{ role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "Bash", input: { command: "ls" } }] },
			{ role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "a\nb" }] },
		];
		const { message } = await ask(dialect, { ...base, messages, stream: true });
		expect(message.content).toMatchObject([{ type: "text", text: "Two files." }]);
	});
});
