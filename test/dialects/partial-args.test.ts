import fc from "fast-check";
import { expect, test } from "vitest";
import { PartialArgs } from "../../src/dialects/gemini/partial-args.ts";

type Piece = Record<string, unknown>;

/** A value as Vertex AI streams it: one piece for each number, several for a text, none for an empty list or object. */
function piecesOf(value: unknown, jsonPath: string): Piece[] {
	if (typeof value === "string") {
		const half = value.length >> 1;
		const parts = [value.slice(0, half), value.slice(half)];
		return parts.map((stringValue, index) => ({ jsonPath, stringValue, willContinue: index === 0 }));
	}
	if (typeof value === "number") return [{ jsonPath, numberValue: value }];
	if (typeof value === "boolean") return [{ jsonPath, boolValue: value }];
	if (value === null) return [{ jsonPath, nullValue: "NULL_VALUE" }];
	if (Array.isArray(value)) return value.flatMap((item, index) => piecesOf(item, `${jsonPath}[${index}]`));
	return Object.entries(value as object).flatMap(([key, item]) => {
		const quoted = key.replace(/[\\']/g, "\\$&");
		return piecesOf(item, `${jsonPath}['${quoted}']`);
	});
}

const leaf = fc.oneof(fc.string({ unit: "binary" }), fc.integer(), fc.boolean(), fc.constant(null));
const { input } = fc.letrec((tie) => ({
	value: fc.oneof({ maxDepth: 3 }, leaf, tie("list"), tie("input")),
	list: fc.array(tie("value"), { minLength: 1, maxLength: 3 }),
	input: fc.dictionary(fc.string({ minLength: 1, maxLength: 4 }), tie("value"), { minKeys: 1, maxKeys: 4 }),
}));

test("pieces in the order of the input are written as they come, and make the input", () => {
	fc.assert(
		fc.property(input, (value) => {
			const args = new PartialArgs();
			const written = piecesOf(value, "$").map((piece) => args.add([piece]));
			const end = args.end();
			expect(JSON.parse(written.join("") + end)).toEqual(value);
			// Everything was written when it came: the end only closes what is open.
			expect(end).toMatch(/^"?[\]}]+$/);
		}),
		{ numRuns: 300 },
	);
});

test("pieces in any order make the input too", () => {
	const value = { a: "one", list: [{ b: 1 }, { b: 2, c: ["x", "y"] }], z: null };
	const inOrder = piecesOf(value, "$");
	const pieces = fc.shuffledSubarray(inOrder, { minLength: inOrder.length }).filter(keepsTextOrder);
	fc.assert(
		fc.property(pieces, (shuffled) => {
			const args = new PartialArgs();
			const written = shuffled.map((piece) => args.add([piece])).join("");
			expect(JSON.parse(written + args.end())).toEqual(value);
		}),
		{ numRuns: 200 },
	);
});

/** The two halves of each text in their order. */
function keepsTextOrder(pieces: readonly Piece[]): boolean {
	const open = new Set<unknown>();
	return pieces.every(({ jsonPath, willContinue }) => {
		if (willContinue === undefined) return true;
		if (willContinue) open.add(jsonPath);
		return willContinue || open.has(jsonPath);
	});
}
