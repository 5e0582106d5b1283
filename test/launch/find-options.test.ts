import { expect, test } from "vitest";
import { FLAG_OPTIONS, findOption, hasOption, splitArguments, VALUE_OPTIONS } from "../../src/launch/arguments.ts";

const args = (line: string) => line.split(" ").filter(Boolean);

test.each([
	["--model a", { index: 1, value: "a", joined: false }],
	["--model=a", { index: 0, value: "a", joined: true }],
	["--model=", { index: 0, value: "", joined: true }],
	["-p --model a --model=b", { index: 3, value: "b", joined: true }],
	["--model=a --model b x", { index: 2, value: "b", joined: false }],
	["--model a --model", { index: 1, value: "a", joined: false }],
	["--model", undefined],
	["--models=a", undefined],
	["--mode a", undefined],
	["x -- --model a", undefined],
	["--model -- a", undefined],
	["", undefined],
])("the last --model in %j", (line, expected) => {
	expect(findOption(args(line), "--model")).toEqual(expected);
});

test.each([
	["-p hi", true],
	["hi --print", true],
	["--print=hi", true],
	["hi", false],
	["--printer", false],
	["-- -p", false],
	["", false],
])("whether -p or --print is given in %j: %s", (line, expected) => {
	expect(hasOption(args(line), ["-p", "--print"])).toBe(expected);
});

test.each(["--profile", "--base-url", "--dialect", "--key-env", "--region", "--claude"])("%s takes a value", (name) => {
	expect(VALUE_OPTIONS).toContain(name);
	expect(splitArguments([name, "v", "w"], [])).toMatchObject({ own: [name, "v"], claude: ["w"] });
	expect(splitArguments([`${name}=v`, "w"], [])).toMatchObject({ own: [`${name}=v`], claude: ["w"] });
	expect(() => splitArguments([name], [])).toThrow(`option ${name} needs a value`);
	for (const option of ["--x", "-x"]) {
		expect(() => splitArguments([name, option], [])).toThrow(`option ${name} needs a value`);
	}
});

test.each(["--dry-run", "--statusline", "--trace", "--quiet", "--help", "-h", "--version"])("%s takes none", (name) => {
	expect(FLAG_OPTIONS).toContain(name);
	expect(splitArguments(["w", name, "v"], [])).toEqual({ command: undefined, own: [name], claude: ["w", "v"] });
});

test("an option without its value is wrong usage", () => {
	try {
		splitArguments(["--profile"], []);
		expect.fail("it must throw");
	} catch (error) {
		expect(error).toMatchObject({ hint: "cc-any --help", exitCode: 2 });
	}
});
