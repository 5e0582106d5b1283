import { describe, expect, test } from "vitest";
import { userShell } from "../../src/platform/shell.ts";
import { UserError } from "../../src/platform/user-error.ts";
import { interpolate, missingIn, variablesIn } from "../../src/profile/documents/interpolate.ts";

const variables = { KEY: "value", EMPTY: "", DOLLAR: "a$" + "{KEY}" };
const place = { profile: "own", field: "endpoints.anthropic.baseUrl" };
const ref = (inner: string) => `$\{${inner}}`;

const table: [text: string, result: string][] = [
	["plain", "plain"],
	[ref("KEY"), "value"],
	[`https://${ref("KEY")}.example/${ref("KEY")}`, "https://value.example/value"],
	[ref("NONE:-fallback"), "fallback"],
	[ref("EMPTY:-fallback"), "fallback"],
	[ref("KEY:-fallback"), "value"],
	[ref("NONE:-"), ""],
	[ref("NONE:-a:b-c"), "a:b-c"],
	["$$", "$"],
	[`$${ref("KEY")}`, `$\{KEY}`],
	[`$$${ref("KEY")}`, "$value"],
	["cost: $5 and $KEY", "cost: $5 and $KEY"],
	[ref("not a name"), ref("not a name")],
	// A value is put in once: what it holds is not looked at again.
	[ref("DOLLAR"), `a${ref("KEY")}`],
];

describe("interpolate", () => {
	test.each(table)("%s → %s", (text, result) => {
		expect(interpolate(text, variables, place)).toBe(result);
	});

	test.each(["NONE", "EMPTY"])("%s is an error that names profile, field and variable, with a hint", (name) => {
		const run = () => interpolate(`x${ref(name)}`, variables, place);
		expect(run).toThrow(`profile own: endpoints.anthropic.baseUrl needs the variable ${name}, which is not set`);
		try {
			run();
		} catch (error) {
			expect((error as UserError).hint).toBe(userShell.set(name, "..."));
			expect(error).toBeInstanceOf(UserError);
		}
	});

	test("tells which variables are missing, and whether there are any", () => {
		expect(missingIn(`${ref("A")}${ref("KEY")}${ref("B:-x")}${ref("A")}${ref("EMPTY")}`, variables)).toEqual([
			"A",
			"EMPTY",
		]);
		expect(variablesIn(`$$${"{A}"}`)).toEqual([]);
		expect(variablesIn(ref("A:-b"))).toEqual(["A"]);
	});
});
