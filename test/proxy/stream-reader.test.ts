import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Dialect } from "../../src/dialects/dialect.ts";
import { StreamReader } from "../../src/pipeline/stream-reader.ts";
import type { Divergence } from "../../src/protocol/divergence.ts";
import { type MessageEvent, piecesOf, singleEvents } from "../../src/protocol/events.ts";
import { type Frame, sseFrames } from "../../src/protocol/sse-frames.ts";
import { type Sink, type Stage, sink } from "../../src/protocol/stage.ts";
import { UpstreamFailure } from "../../src/upstream/failures/failure.ts";
import { ALL_DIALECTS, counter, loadFixtures, makeTarget } from "../support/fixture.ts";

type Reader = (decode: Stage<Frame, MessageEvent>, next: Sink<MessageEvent>) => Sink<Uint8Array>;
const streamReader: Reader = (decode, next) => new StreamReader(decode, next);
const frameByFrame: Reader = (decode, next) => sseFrames()(decode(next));

/** What a reader makes of the bytes, with its joined deltas taken apart again. */
function read(reader: Reader, dialect: Dialect, reads: readonly Uint8Array[], target = makeTarget(dialect.name)) {
	const out = { events: [] as MessageEvent[], notes: [] as Divergence[], joined: 0, failure: "" };
	const context = { request: { model: "m", max_tokens: 9, messages: [] }, target, toolNames: new Map() };
	const note = (divergence: Divergence) => out.notes.push(divergence);
	const next = sink<MessageEvent>((event) => {
		out.joined += (piecesOf(event)?.length ?? 1) - 1;
		out.events.push(...singleEvents(event));
	});
	const line = reader(dialect.decode({ ...context, mintId: counter(), note }), next);
	try {
		for (const bytes of reads) line.push(bytes);
		line.end();
	} catch (error) {
		if (!(error instanceof UpstreamFailure)) throw error;
		out.failure = `${error.message} ${error.source.body}`;
	}
	return out;
}

function inReads(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
	const edges = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
	return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}

interface Wire {
	event?: string;
	start: object[];
	text(text: string, number: number): object;
	/** Frames of another kind that may stand between two texts. */
	others: object[];
	end: object[];
}
const item = { type: "message", id: "i1" };
const chat = (delta: object, finish_reason: string | null = null) => ({
	id: "chatcmpl-0123456789",
	choices: [{ index: 0, delta, finish_reason }],
});
const gemini = (part: object, more: object = {}) => ({ candidates: [{ content: { parts: [part] }, ...more }] });
const block = (delta: object) => ({ type: "content_block_delta", index: 0, delta });
const usage = { input_tokens: 1, output_tokens: 1 };
const WIRES: Record<Dialect["name"], Wire> = {
	"openai-chat": {
		start: [chat({ role: "assistant", content: "" })],
		text: (content) => chat({ content }),
		others: [chat({ reasoning_content: "Hm" }), { choices: [], usage: { prompt_tokens: 7 } }, chat({})],
		end: [chat({}, "stop")],
	},
	"openai-responses": {
		event: "response.output_text.delta",
		start: [{ type: "response.output_item.added", output_index: 0, item }],
		text: (delta, number) => ({
			type: "response.output_text.delta",
			sequence_number: number,
			item_id: "i1",
			output_index: 0,
			content_index: 0,
			delta,
			obfuscation: "x".repeat(number % 7),
		}),
		others: [{ type: "response.in_progress" }, { type: "response.unknown", delta: "no" }],
		end: [{ type: "response.completed", response: { status: "completed", output: [], usage } }],
	},
	gemini: {
		start: [gemini({ text: "Well, " })],
		text: (text) => gemini({ text }),
		others: [gemini({ text: "Hm", thought: true }), { usageMetadata: { promptTokenCount: 3 } }],
		end: [gemini({ text: "" }, { finishReason: "STOP" })],
	},
	anthropic: {
		event: "content_block_delta",
		start: [
			{ type: "message_start", message: { id: "msg_1", content: [], usage } },
			{ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
		],
		text: (text) => block({ type: "text_delta", text }),
		others: [{ type: "ping" }, block({ type: "text_delta", text: "more", extra: 1 })],
		end: [
			{ type: "content_block_stop", index: 0 },
			{ type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage },
			{ type: "message_stop" },
		],
	},
};

interface Framing {
	lineEnd: string;
	space: string;
	named: boolean;
}
function bytesOf(wire: Wire, middle: readonly (string | object)[], { lineEnd, space, named }: Framing): Uint8Array {
	const isText = (frame: string | object): frame is string => typeof frame === "string";
	const frames = middle.map((frame, number) => (isText(frame) ? wire.text(frame, number) : frame));
	const written = [...wire.start, ...frames, ...wire.end].map((frame) => {
		const name = named && "type" in frame ? `event:${space}${frame.type}${lineEnd}` : "";
		return `${name}data:${space}${JSON.stringify(frame)}${lineEnd}${lineEnd}`;
	});
	return new TextEncoder().encode(written.join(""));
}

const texts = fc.constantFrom(
	...["one ", "two ", "größe", "数 🦊", "a\nb", '"x"', "\\", "data: ", '"}}\n\ndata: {', "", "\u2028", "x", "three, "],
);
const framing = fc.record({
	lineEnd: fc.constantFrom("\n", "\r\n"),
	space: fc.constantFrom(" ", ""),
	named: fc.boolean(),
});

describe.each(ALL_DIALECTS.map((dialect) => [dialect.name, dialect] as const))("%s", (name, dialect) => {
	const wire = WIRES[name];

	test("joined frames leave as the very events that they would be one by one", () => {
		const middle = fc.array(fc.oneof({ weight: 12, arbitrary: texts }, fc.constantFrom(...wire.others)), {
			maxLength: 60,
		});
		const property = fc.property(middle, framing, fc.array(fc.nat(), { maxLength: 4 }), (parts, form, cuts) => {
			const bytes = bytesOf(wire, parts, form);
			const reads = inReads(
				bytes,
				cuts.map((cut) => cut % bytes.length),
			);
			const { joined: _none, ...expected } = read(frameByFrame, dialect, reads);
			const { joined: _some, ...found } = read(streamReader, dialect, reads);
			expect(found).toEqual(expected);
		});
		fc.assert(property, { numRuns: 400 });
	});

	test("a fast stream is read without parsing each frame, and no delta is lost or coalesced", () => {
		const words = Array.from({ length: 3000 }, (_, number) => `word${number % 10} `);
		const bytes = bytesOf(wire, words, { lineEnd: "\n", space: " ", named: wire.event !== undefined });
		const half = Math.floor(bytes.length / 2);
		let frames = 0;
		const counted: Dialect = {
			...dialect,
			decode: (context) => (next) => {
				const decoder = dialect.decode(context)(next);
				return {
					push: (frame) => {
						frames++;
						decoder.push(frame);
					},
					end: () => decoder.end(),
				};
			},
		};
		const { events, failure } = read(streamReader, counted, inReads(bytes, [half]));
		expect(failure).toBe("");
		expect(events.filter(({ type }) => type === "content_block_delta").length).toBeGreaterThanOrEqual(3000);
		expect(frames).toBeLessThan(60);
	});
});

test("a single frame of megabytes, and reads in which nothing can be learned, are read like any other", () => {
	const [dialect] = ALL_DIALECTS;
	if (!dialect) throw new Error("no dialect");
	const framing = { lineEnd: "\n", space: " ", named: false };
	const unlike = Array.from({ length: 4000 }, (_, number) => ({ ...chat({ content: "a" }), number }));
	for (const middle of [["x".repeat(5_000_000)], unlike]) {
		const bytes = bytesOf(WIRES["openai-chat"], middle, framing);
		const found = read(streamReader, dialect, [bytes]);
		expect({ ...found, joined: 0 }).toEqual({ ...read(frameByFrame, dialect, [bytes]), joined: 0 });
	}
});

test("a frame that is damaged between others fails as it would alone", () => {
	const [dialect] = ALL_DIALECTS;
	if (!dialect) throw new Error("no dialect");
	const [whole, framing] = [["a ", "b ", "c ", "d ", "BAD", "e ", "f "], { lineEnd: "\n", space: " ", named: false }];
	const text = new TextDecoder().decode(bytesOf(WIRES["openai-chat"], [...whole, ...whole], framing));
	for (const bad of ["\\x", '","extra":"', "\u0001", '"']) {
		const reads = [new TextEncoder().encode(text.replaceAll("BAD", bad))];
		const expected = read(frameByFrame, dialect, reads);
		const found = read(streamReader, dialect, reads);
		expect({ ...found, joined: 0 }).toEqual(expected);
	}
});

test("every fixture's stream reads the same, in one read and in many", () => {
	let joined = 0;
	for (const fixture of loadFixtures()) {
		const { dialect, target, name, reply } = fixture;
		if (!reply?.isStream) continue;
		const reads = [inReads(reply.bytes, []), inReads(reply.bytes, [reply.bytes.length >> 1, reply.bytes.length >> 2])];
		for (const each of reads) {
			const expected = read(frameByFrame, dialect, each, target);
			const found = read(streamReader, dialect, each, target);
			joined += found.joined;
			expect({ name, ...found, joined: 0 }).toEqual({ name, ...expected });
		}
	}
	expect(joined).toBeGreaterThan(0);
});
