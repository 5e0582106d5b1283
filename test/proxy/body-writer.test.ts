import fc from "fast-check";
import { expect, test } from "vitest";
import { BodyWriter } from "../../src/proxy/delivery/body-writer.ts";

const item = fc.oneof(
	fc.jsonValue(),
	fc.record({ role: fc.constantFrom("user", "assistant"), content: fc.string({ unit: "grapheme" }) }),
	fc.record({ a: fc.option(fc.integer(), { nil: undefined }), b: fc.array(fc.string()) }),
	fc.constant(undefined),
);
const list = fc.array(item, { maxLength: 6 });

test("what is written is JSON.stringify's, whatever was written before", () => {
	/** Each request takes some items of the last one, with others behind them. */
	const turn = fc.record({
		lane: fc.constantFrom("a", "b", "c", "d", "e", "f"),
		kept: fc.nat(8),
		messages: list,
		tools: list,
		hasTools: fc.boolean(),
		system: fc.option(fc.string(), { nil: undefined }),
	});
	const property = fc.property(fc.array(turn, { maxLength: 20 }), (turns) => {
		const writer = new BodyWriter();
		let history: unknown[] = [];
		for (const { lane, kept, messages, tools, hasTools, system } of turns) {
			// A request is parsed anew each time: no object is that of the last one.
			history = [...structuredClone(history.slice(0, kept)), ...messages];
			const body = { ...(hasTools && { tools }), system, messages: history, stream: true };
			expect(Buffer.concat(writer.write(lane, body)).toString()).toBe(JSON.stringify(body));
		}
	});
	fc.assert(property, { numRuns: 300 });
});

test("an empty body, and one of lists alone", () => {
	const writer = new BodyWriter();
	for (const body of [{}, { a: [] }, { a: [], b: [1] }, { b: [1, 2], a: [] }, { a: undefined, b: [[]] }])
		expect(Buffer.concat(writer.write("lane", body)).toString()).toBe(JSON.stringify(body));
});

test("what differs in the order of its fields, or is a list here and an object there, is written anew", () => {
	const writer = new BodyWriter();
	for (const first of [{ x: 1, y: 2 }, { y: 2, x: 1 }, {}, [], [1], { 0: 1 }, "1", 1, null]) {
		const body = { messages: [first, "end"] };
		expect(Buffer.concat(writer.write("lane", body)).toString()).toBe(JSON.stringify(body));
	}
});

test("what was handed out stays as it is, whatever the conversation becomes", () => {
	const writer = new BodyWriter();
	// Some to a page, some on pages of their own.
	const file = (number: number) => `${number} — ${"x".repeat(number % 5 === 0 ? 300_000 : 30_000)}`;
	const files = Array.from({ length: 40 }, (_, number) => file(number));
	const histories = [10, 11, 40].map((count) => files.slice(0, count));
	const others = histories.map((history) => [...history.slice(0, 7), "another way", ...history.slice(8)]);
	const sent = [...histories, ...others, ...histories, files.slice(0, 3), files.slice(0, 4)].map((messages) => ({
		json: JSON.stringify({ messages, stream: true }),
		pieces: writer.write("lane", { messages: [...messages], stream: true }),
	}));
	for (const { json, pieces } of sent) expect(Buffer.concat(pieces).toString() === json).toBe(true);
});
