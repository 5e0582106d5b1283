import { expect, test } from "vitest";
import { encodeSse, rememberRawText } from "../../src/protocol/encode-sse.ts";
import type { MessageEvent } from "../../src/protocol/events.ts";
import { grammarCheck } from "../../src/protocol/grammar.ts";
import { MessageCollector, messageEvents } from "../../src/protocol/message-events.ts";
import type { Message } from "../../src/protocol/messages.ts";

const message: Message = {
	id: "msg_1",
	type: "message",
	role: "assistant",
	model: "m",
	content: [
		{ type: "thinking", thinking: "Hm.", signature: "sig" },
		{ type: "text", text: "Hi.", citations: [{ cited_text: "x" }] },
		{ type: "tool_use", id: "c1", name: "Bash", input: { command: "ls" } },
		{ type: "redacted_thinking", data: "AA" },
		{ type: "tool_use", id: "c2", name: "Ping", input: {} },
	],
	stop_reason: "tool_use",
	stop_sequence: null,
	usage: { input_tokens: 3, output_tokens: 4 },
};

test("a message that is replayed and collected is the same message, over well-formed events", () => {
	const collector = new MessageCollector();
	const check = grammarCheck();
	for (const event of messageEvents(message)) {
		expect(check(event)).toBeUndefined();
		collector.push(event);
	}
	expect(collector.message).toEqual(message);
});

test("an input that is no JSON is kept in Claude Code's own form, never as {}", () => {
	const collector = new MessageCollector();
	for (const event of messageEvents({ ...message, content: [message.content[4]!] })) {
		if (event.type === "content_block_stop") {
			collector.push({
				type: "content_block_delta",
				index: 0,
				delta: { type: "input_json_delta", partial_json: '{"a' },
			});
		}
		collector.push(event);
	}
	expect(collector.message?.content[0]).toMatchObject({ input: { __unparsedToolInput: { raw: '{"a', len: 3 } } });
});

test("an event leaves with the text it came with, a changed one with its own", () => {
	const data = '{"type": "ping",  "extra": 1.0}';
	const event: MessageEvent = JSON.parse(data);
	rememberRawText(event, data);
	expect(encodeSse(event)).toBe(`event: ping\ndata: ${data}\n\n`);
	expect(encodeSse({ ...event })).toBe('event: ping\ndata: {"type":"ping","extra":1}\n\n');
	const lines = '{"type":\n"ping"}';
	const inLines: MessageEvent = JSON.parse(lines);
	rememberRawText(inLines, lines);
	expect(encodeSse(inLines)).toBe('event: ping\ndata: {"type":"ping"}\n\n');
});

test.each([
	["message_delta out of place", [{ type: "message_delta", delta: {}, usage: {} }]],
	[
		"second message_start",
		[
			{ type: "message_start", message },
			{ type: "message_start", message },
		],
	],
	[
		"text_delta in a tool_use block",
		[
			{ type: "message_start", message },
			{ type: "content_block_start", index: 0, content_block: { type: "tool_use", id: "a", name: "b", input: {} } },
			{ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "x" } },
		],
	],
	[
		"block index 1, expected 0",
		[
			{ type: "message_start", message },
			{ type: "content_block_start", index: 1, content_block: { type: "text", text: "" } },
		],
	],
])("the grammar tells: %s", (expected, events) => {
	const check = grammarCheck();
	expect((events as MessageEvent[]).map(check).at(-1)).toBe(expected);
});
