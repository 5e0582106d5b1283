import fc from "fast-check";
import { expect, test } from "vitest";
import { fromUtf8, toWrite } from "../../src/protocol/utf8.ts";

/** Long enough for the buffer of its own. */
const LONG = 120_000;
const texts = fc.oneof(
	fc.string({ unit: "binary" }),
	fc.string({ unit: "grapheme" }),
	fc.string({ unit: "binary-ascii" }),
	...[20_000, LONG].map((length) =>
		fc.string({ unit: "binary", minLength: 1 }).map((text) => text.repeat(Math.ceil(length / text.length))),
	),
);

test("the bytes and the text are Node's own", () => {
	const property = fc.property(texts, (text) => {
		const bytes = Buffer.from(toWrite(text) as string);
		expect(bytes.equals(Buffer.from(text, "utf8"))).toBe(true);
		expect(fromUtf8(bytes)).toBe(bytes.toString("utf8"));
	});
	fc.assert(property, { numRuns: 300 });
});

test("a mark of the byte order stays where it is", () => {
	const text = `\ufeff${"é\u{1f600}".repeat(LONG)}`;
	expect(fromUtf8(Buffer.from(text)) === text).toBe(true);
});

test("bytes that are no UTF-8 are read as Node reads them", () => {
	const bytes = Buffer.from([0x61, 0xff, 0xe2, 0x82, 0x62]);
	expect(fromUtf8(bytes)).toBe("a��b");
	const long = Buffer.concat([Buffer.from("é".repeat(LONG)), bytes]);
	expect(fromUtf8(long) === long.toString("utf8")).toBe(true);
	// Half of a character that is made of two.
	expect(Buffer.from(toWrite("\ud83d".repeat(120_000)) as Buffer).toString("hex", 0, 3)).toBe("efbfbd");
});
