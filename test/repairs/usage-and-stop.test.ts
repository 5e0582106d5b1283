import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MessageEvent } from "../../src/protocol/events.ts";
import { grammarCheck } from "../../src/protocol/grammar.ts";
import { MessageCollector, messageEvents } from "../../src/protocol/message-events.ts";
import type { Message, MessageRequest } from "../../src/protocol/messages.ts";
import { runStage } from "../../src/protocol/stage.ts";
import { missingUsage } from "../../src/repairs/response/missing-usage.ts";
import { stopSequences } from "../../src/repairs/response/stop-sequences.ts";
import { counter, makeTarget } from "../support/fixture.ts";

const message: Message = {
	id: "msg_1",
	type: "message",
	role: "assistant",
	model: "m",
	content: [
		{ type: "thinking", thinking: "Is it <block>?", signature: "" },
		{ type: "text", text: "It is <block>yes</block> indeed." },
		{ type: "tool_use", id: "c1", name: "Bash", input: { command: "ls" } },
	],
	stop_reason: "tool_use",
	stop_sequence: null,
	usage: { input_tokens: 3, output_tokens: 4 },
};

function run(repair: typeof missingUsage, request: Partial<MessageRequest>, events: MessageEvent[]) {
	const kinds: string[] = [];
	const context = {
		request: { model: "m", messages: [{ role: "user" as const, content: "Tell me about it." }], ...request },
		target: makeTarget("openai-chat"),
		mintId: counter(),
		note: ({ kind }: { kind: string }) => kinds.push(kind),
		isCommitted: () => false,
	};
	const out = runStage(repair.stage(context), events);
	const check = grammarCheck();
	const collector = new MessageCollector();
	for (const event of out) {
		expect(check(event)).toBeUndefined();
		collector.push(event);
	}
	return { out, kinds, message: collector.message };
}

/** The events of a message with its text in pieces of `size`. */
function pieces(whole: Message, size: number): MessageEvent[] {
	return [...messageEvents(whole)].flatMap((event) => {
		if (event.type !== "content_block_delta" || event.delta.type !== "text_delta") return [event];
		const { text } = event.delta;
		return Array.from({ length: Math.ceil(text.length / size) }, (_value, index): MessageEvent => {
			const piece = text.slice(index * size, (index + 1) * size);
			return { ...event, delta: { type: "text_delta", text: piece } };
		});
	});
}

describe("missing-usage", () => {
	test("counts that are there stay as they are", () => {
		const events = [...messageEvents(message)];
		const { out, kinds } = run(missingUsage, {}, events);
		expect(out.every((event, index) => event === events[index])).toBe(true);
		expect(kinds).toEqual([]);
	});

	test("counts that are missing are estimated, marked and noted", () => {
		const { message: repaired, kinds } = run(missingUsage, {}, [
			...messageEvents({ ...message, usage: { input_tokens: 0, output_tokens: 0 } }),
		]);
		expect(repaired?.usage["estimated"]).toBe(true);
		expect(repaired?.usage.input_tokens).toBeGreaterThan(2);
		expect(repaired?.usage.output_tokens).toBeGreaterThan(5);
		expect(kinds).toEqual(["missing-usage"]);
	});

	test("a count that is known is not replaced by an estimate of another", () => {
		const usage = { input_tokens: 0, cache_read_input_tokens: 50, output_tokens: 0 };
		const { message: repaired } = run(missingUsage, {}, [...messageEvents({ ...message, usage })]);
		expect(repaired?.usage).toMatchObject({ input_tokens: 0, cache_read_input_tokens: 50, estimated: true });
	});
});

describe("stop-sequences", () => {
	test("without stop sequences the events pass as they are", () => {
		const events = [...messageEvents(message)];
		expect(run(stopSequences, {}, events).out.every((event, index) => event === events[index])).toBe(true);
	});

	test.each([1, 2, 3, 5, 100])("the reply ends where a sequence stands, in pieces of %i", (size) => {
		const { message: repaired, kinds } = run(
			stopSequences,
			{ stop_sequences: ["</block>", "<never>"] },
			pieces(message, size),
		);
		expect(repaired?.content).toEqual([message.content[0], { type: "text", text: "It is <block>yes" }]);
		expect(repaired).toMatchObject({ stop_reason: "stop_sequence", stop_sequence: "</block>" });
		expect(kinds).toEqual(["ignored-stop-sequence"]);
	});

	test("a sequence in thinking or in a tool input does not count", () => {
		const { message: repaired } = run(stopSequences, { stop_sequences: ["Is it", "ls"] }, [...messageEvents(message)]);
		expect(repaired).toEqual(message);
	});

	test("text without a sequence comes through whole, however it is cut", () => {
		fc.assert(
			fc.property(fc.stringMatching(/^[ab<>/]{0,30}$/), fc.integer({ min: 1, max: 5 }), (text, size) => {
				fc.pre(!text.includes("</a>") && text !== "");
				const whole: Message = { ...message, content: [{ type: "text", text }], stop_reason: "end_turn" };
				expect(run(stopSequences, { stop_sequences: ["</a>"] }, pieces(whole, size)).message).toEqual(whole);
			}),
		);
	});
});
