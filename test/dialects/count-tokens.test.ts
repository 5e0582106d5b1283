import { expect, test } from "vitest";
import { countOf } from "../../src/dialects/dialect.ts";
import { ALL_DIALECTS } from "../support/fixture.ts";

// The routes themselves are shown by the fixtures `count-tokens…`.

test("chat completions have no route for token counts, every other dialect has one", () => {
	const without = ALL_DIALECTS.filter(({ tokenCounter }) => !tokenCounter).map(({ name }) => name);
	expect(without).toEqual(["openai-chat"]);
});

test.each([undefined, null, "57", -1, 1.5, Number.NaN, {}])("%s is no count", (value) => {
	expect(countOf(value)).toBeUndefined();
});

test.each([0, 57])("%s is a count", (value) => {
	expect(countOf(value)).toBe(value);
});
