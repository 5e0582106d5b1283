import { expect, test } from "vitest";
import { COMMANDS } from "../../src/cli/add-commands.ts";
import { createProgram } from "../../src/cli/program.ts";
import { FLAG_OPTIONS, VALUE_OPTIONS } from "../../src/launch/arguments.ts";

test("the options that are taken from the command line are those of the program", () => {
	const options = createProgram([]).options;
	const taking = options.filter((option) => option.required).map((option) => option.long);
	const flags = options.filter((option) => !option.required).map((option) => option.long);
	expect(taking.sort()).toEqual([...VALUE_OPTIONS, "--model"].sort());
	// commander keeps its help option apart.
	expect([...flags, "--help", "-h"].sort()).toEqual([...FLAG_OPTIONS].sort());
});

test("each command has the name that it is registered under", () => {
	expect(createProgram([]).commands.map((command) => command.name())).toEqual(Object.keys(COMMANDS));
});
