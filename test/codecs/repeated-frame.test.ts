import fc from "fast-check";
import { expect, test } from "vitest";
import { RepeatedFrame } from "../../src/dialects/repeated-frame.ts";

interface Chunk {
	id: string;
	delta: { content: string };
	logprobs?: unknown;
}
const read = (data: string) => (JSON.parse(data) as Chunk).delta.content;
const chunk = (content: string, more: object = {}) => JSON.stringify({ id: "1", delta: { content }, ...more });

test("a frame like the last one gives the text that parsing gives, or is left to the parser", () => {
	const property = fc.property(fc.array(fc.string({ unit: "binary", maxLength: 8 }), { maxLength: 12 }), (texts) => {
		const repeated = new RepeatedFrame("content", read);
		for (const text of texts) {
			const data = chunk(text);
			const found = repeated.textOf(data);
			if (found === undefined) repeated.learn(data, read(data));
			else expect(found).toBe(read(data));
		}
	});
	fc.assert(property, { numRuns: 500 });
});

test("plain texts are found from the second frame on", () => {
	const repeated = new RepeatedFrame("content", read);
	expect(repeated.textOf(chunk("one "))).toBeUndefined();
	repeated.learn(chunk("one "), "one ");
	expect(["two", "", "“drei” — 四"].map((text) => repeated.textOf(chunk(text)))).toEqual(["two", "", "“drei” — 四"]);
	expect(repeated.textOf(chunk('a "quoted" word'))).toBeUndefined();
	expect(repeated.textOf(chunk("a line\n"))).toBeUndefined();
	expect(repeated.textOf(chunk("two", { id: "2" }))).toBeUndefined();
	expect(repeated.textOf('{"id":"1","delta":{"content":"')).toBeUndefined();
});

test("the same words in another field are not taken for it", () => {
	const repeated = new RepeatedFrame("content", read);
	const data = '{"id":"1","note":{"content":"x"},"delta":{"content": "x"}}';
	repeated.learn(data, "x");
	expect(repeated.textOf(data)).toBeUndefined();
});

test("where each frame is a new one, no more is learned after a while", () => {
	let parsed = 0;
	const repeated = new RepeatedFrame("content", (data) => {
		parsed++;
		return read(data);
	});
	for (let index = 0; index < 20; index++) repeated.learn(chunk("word", { logprobs: index }), "word");
	expect(parsed).toBe(3);
});
