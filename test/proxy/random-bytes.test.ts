import { expect, test } from "vitest";
import { randomBytes } from "../../src/platform/random.ts";

test("as many as are asked for, never the same", () => {
	const tokens = Array.from({ length: 100 }, () => randomBytes(32));
	for (const token of tokens) expect(token).toHaveLength(32);
	expect(new Set(tokens.map((token) => token.toString("hex"))).size).toBe(100);
	// Each byte takes many values: nothing of the buffer is left as it was.
	for (let place = 0; place < 32; place++)
		expect(new Set(tokens.map((token) => token[place])).size).toBeGreaterThan(40);
});
