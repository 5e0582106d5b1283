import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openaiChat } from "../../src/dialects/openai-chat/index.ts";
import { openaiResponses } from "../../src/dialects/openai-responses/index.ts";
import { ReplyReader } from "../../src/pipeline/reply-reader.ts";
import { type MessageEvent, piecesOf, singleEvents } from "../../src/protocol/events.ts";
import { sseFrames } from "../../src/protocol/sse-frames.ts";
import { type Sink, sink } from "../../src/protocol/stage.ts";
import { UpstreamFailure } from "../../src/upstream/failures/failure.ts";
import { counter, makeTarget } from "../support/fixture.ts";

type Output = Sink<MessageEvent>;

const decoder = () =>
	openaiChat.decode({
		request: { model: "m", max_tokens: 9, messages: [] },
		target: makeTarget("openai-chat"),
		toolNames: new Map(),
		mintId: counter(),
		note: () => {},
	});
const replyReader = (next: Output) => new ReplyReader(openaiChat, decoder, next);
const withoutGathering = (next: Output) => sseFrames()(decoder()(next));

/** What a reader makes of the reads: its events, and how many of each read's deltas came as one. */
function read(open: (next: Output) => Sink<Uint8Array>, reads: readonly string[]) {
	const out = { events: [] as MessageEvent[], gathered: 0, failure: "" };
	const reader = open(
		sink((event) => {
			out.gathered += (piecesOf(event)?.length ?? 1) - 1;
			out.events.push(...singleEvents(event));
		}),
	);
	try {
		for (const text of reads) reader.push(Buffer.from(text));
		reader.end();
	} catch (error) {
		if (!(error instanceof UpstreamFailure)) throw error;
		out.failure = error.message;
	}
	return out;
}

const frame = (delta: object, finish_reason: string | null = null) =>
	`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
const END = `${frame({}, "stop")}data: [DONE]\n\n`;
const BODY = JSON.stringify({ choices: [{ index: 0, message: { content: "hello" }, finish_reason: "stop" }] });
const textOf = (events: readonly MessageEvent[]) =>
	events
		.map((event) => (event.type === "content_block_delta" && "text" in event.delta ? event.delta.text : ""))
		.join("");

describe("a stream", () => {
	test("deltas that come in one read are gathered, and none is lost or merged", () => {
		const delta = fc.oneof(
			fc.constantFrom("one ", "größe", "数 🦊", "a\nb", '"}}\n\ndata: {', "").map((content) => ({ content })),
			fc.constantFrom("Hm", "so").map((reasoning_content) => ({ reasoning_content })),
		);
		const property = fc.property(fc.array(delta, { maxLength: 40 }), fc.nat(2000), (deltas, cut) => {
			const whole = deltas.map((each) => frame(each)).join("") + END;
			const reads = [whole.slice(0, cut), whole.slice(cut)].filter((text) => text !== "");
			const { gathered: _none, ...expected } = read(withoutGathering, reads);
			const { gathered: _some, ...found } = read(replyReader, reads);
			expect(found).toEqual(expected);
		});
		fc.assert(property);
		expect(read(replyReader, [frame({ content: "a" }) + frame({ content: "b" }) + END]).gathered).toBe(1);
	});

	test("frames of one read that differ in their text only are decoded as one, and written as they came", () => {
		const words = Array.from({ length: 500 }, (_value, number) => `word${number % 10} `);
		let frames = 0;
		const counted = (next: Output) =>
			new ReplyReader(
				openaiChat,
				() => (output) => {
					const inner = decoder()(output);
					return {
						push: (pushed) => {
							frames++;
							inner.push(pushed);
						},
						end: () => inner.end(),
					};
				},
				next,
			);
		const stream = words.map((content) => frame({ content })).join("") + END;
		const { events } = read(counted, [stream.slice(0, 9000), stream.slice(9000)]);
		expect(textOf(events)).toBe(words.join(""));
		expect(events.filter(({ type }) => type === "content_block_delta")).toHaveLength(500);
		expect(frames).toBeLessThan(10);
	});

	test.each<[string, (delta: string, number: number) => object]>([
		["a counter", (delta, number) => ({ sequence_number: number, delta })],
		["a counter at the end", (delta, number) => ({ delta, sequence_number: number })],
		["padding", (delta, number) => ({ delta, obfuscation: "x".repeat(number % 7), sequence_number: number })],
	])("frames that also differ in %s are joined", (_name, fields) => {
		const event = (type: string, rest: object) => `data: ${JSON.stringify({ type, output_index: 0, ...rest })}\n\n`;
		const words = Array.from({ length: 200 }, (_value, number) => `word${number % 10} `);
		// The text of a field that is left out elsewhere is text here.
		words[50] = '"sequence_number":5, ';
		const part = { item_id: "msg_1", content_index: 0 };
		const stream = [
			event("response.created", { response: { id: "resp_1" }, sequence_number: 0 }),
			event("response.output_item.added", { item: { id: "msg_1", type: "message", content: [] } }),
			...words.map((word, number) => event("response.output_text.delta", { ...part, ...fields(word, number) })),
			event("response.completed", { response: { id: "resp_1", status: "completed", output: [] } }),
		].join("");
		let frames = 0;
		const decode = (isCounted: boolean) => (next: Output) => {
			const inner = openaiResponses.decode({
				request: { model: "m", max_tokens: 9, messages: [] },
				target: makeTarget("openai-responses"),
				toolNames: new Map(),
				mintId: counter(),
				note: () => {},
			})(next);
			return {
				push: (pushed: Parameters<typeof inner.push>[0]) => {
					if (isCounted) frames++;
					inner.push(pushed);
				},
				end: () => inner.end(),
			};
		};
		const found = read((next) => new ReplyReader(openaiResponses, () => decode(true), next), [stream]);
		const expected = read((next) => sseFrames()(decode(false)(next)), [stream]);
		expect(found.events).toEqual(expected.events);
		expect(textOf(found.events)).toBe(words.join(""));
		expect(frames).toBeLessThan(12);
	});

	test.each([
		[
			"another field holds the same text",
			[{ content: "first" }, { name: "x", content: "x" }, { name: "y", content: "x" }, { name: "z", content: "x" }],
		],
		["an escape", [{ content: "a" }, { content: "b" }, { content: "\n" }, { content: '"' }, { content: "c" }]],
		["another kind between", [{ content: "a" }, { content: "b" }, { reasoning_content: "b" }, { content: "b" }]],
		["empty texts", [{ content: "a" }, { content: "b" }, { content: "" }, { content: "c" }]],
		["whitespace", [{ content: "a" }, { content: " " }, { content: " " }, { content: "b" }]],
	])("joined frames say what they say one by one: %s", (_name, deltas) => {
		const stream = deltas.map((delta) => frame(delta)).join("") + END;
		const { gathered: _none, ...expected } = read(withoutGathering, [stream]);
		const { gathered: _some, ...found } = read(replyReader, [stream]);
		expect(found).toEqual(expected);
	});

	test("a frame with another end of the same length is not joined", () => {
		const stream = frame({ content: "a" }) + frame({ content: "b" }) + frame({ content: "c" }, "zz") + END;
		const { gathered: _none, ...expected } = read(withoutGathering, [stream]);
		const { gathered: _some, ...found } = read(replyReader, [stream]);
		expect(found).toEqual(expected);
	});

	test("deltas of different reads stay apart: each is passed on at once", () => {
		const { events, gathered } = read(replyReader, [frame({ content: "a" }), frame({ content: "b" }), END]);
		expect(gathered).toBe(0);
		expect(textOf(events)).toBe("ab");
	});

	test("the deltas before a damaged frame are passed on before the failure", () => {
		const { events, failure } = read(replyReader, [
			`${frame({ content: "a" })}${frame({ content: "b" })}data: {"x\n\n`,
		]);
		expect(textOf(events)).toBe("ab");
		expect(failure).not.toBe("");
	});

	test("the last delta of a stream that ends early is passed on before the failure", () => {
		const { events, failure } = read(replyReader, [frame({ content: "a" }), frame({ content: "b" }).trimEnd()]);
		expect(textOf(events)).toBe("ab");
		expect(failure).toContain("ended early");
	});
});

describe("the format", () => {
	test.each([
		["a JSON body", [BODY]],
		["a JSON body in two reads", [BODY.slice(0, 20), BODY.slice(20)]],
		["a JSON body after whitespace that kept the connection open", ["\n", " \r\n\t", BODY]],
		["a stream", [frame({ content: "hello" }), END]],
		["a stream after whitespace", ["\n", `\n\n${frame({ content: "hello" })}`, END]],
	])("%s", (_name, reads) => {
		const { events, failure } = read(replyReader, reads);
		expect(failure).toBe("");
		expect(textOf(events)).toBe("hello");
		expect(events.at(-1)).toEqual({ type: "message_stop" });
	});

	test.each([
		["no bytes", []],
		["nothing but whitespace", ["\n", "\n"]],
	])("%s: a stream that ended early", (_name, reads) => {
		expect(read(replyReader, reads).failure).toContain("ended early");
	});
});
