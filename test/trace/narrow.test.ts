import { expect, test } from "vitest";
import { fitted } from "../../src/cli/ui/table.ts";

const ROWS = [
	["N", "time", "model", "cost", ""],
	["1", "09:00:00", "a-rather-long-name", "$0.01", "retry"],
];

test("a terminal gets the columns it has room for, the less needed go first; a pipe gets all", () => {
	const at = (columns: number | undefined) => fitted(ROWS, [1, 2], columns)[1];
	expect(at(undefined)).toEqual(ROWS[1]);
	expect(at(80)).toEqual(ROWS[1]);
	expect(at(45)).toEqual(["1", "a-rather-long-name", "$0.01", "retry"]);
	expect(at(30)).toEqual(["1", "$0.01", "retry"]);
	expect(at(5)).toEqual(["1", "$0.01", "retry"]);
});
