import { describe, expect, test } from "vitest";
import { splitArguments } from "../../src/launch/arguments.ts";
import { UserError } from "../../src/platform/user-error.ts";

const COMMANDS = ["serve", "exec", "profiles"];

/** Command line | cc-any's own | claude's, words separated by one space. */
const table: [line: string, own: string, claude: string][] = [
	["", "", ""],
	["--profile kimi", "--profile kimi", ""],
	["--profile=kimi -p hi", "--profile=kimi", "-p hi"],
	["--profile kimi -p hi", "--profile kimi", "-p hi"],
	["-p hi --profile kimi", "--profile kimi", "-p hi"],
	["-p hi --profile kimi --resume abc --quiet --continue", "--profile kimi --quiet", "-p hi --resume abc --continue"],
	["--model opus --profile kimi", "--profile kimi", "--model opus"],
	["--base-url http://h/v1 --model m -p hi", "--base-url http://h/v1 --model m", "-p hi"],
	["-p hi --model=m --base-url=http://h/v1", "--model=m --base-url=http://h/v1", "-p hi"],
	["--base-url http://h/v1 --profile x --model m", "--base-url http://h/v1 --profile x", "--model m"],
	["--unheard-of --other=1 -x", "", "--unheard-of --other=1 -x"],
	["--mcp-config a.json b.json --dry-run", "--dry-run", "--mcp-config a.json b.json"],
	["--settings s.json", "", "--settings s.json"],
	["-v", "", "-v"],
	["--dry-run=1", "", "--dry-run=1"],
	["--profiles", "", "--profiles"],
	// A prompt may be any word: only the first argument can be a subcommand.
	["--profile kimi serve", "--profile kimi", "serve"],
	["-p exec", "", "-p exec"],
	["hello serve", "", "hello serve"],
	// `--`
	["--profile kimi -- -p hi", "--profile kimi", "-p hi"],
	["--profile kimi -- --append-system-prompt --profile", "--profile kimi", "--append-system-prompt --profile"],
	["--profile kimi -- -- --profile", "--profile kimi", "-- --profile"],
	["-p -- --profile", "", "-p -- --profile"],
	["--profile kimi -p -- --quiet", "--profile kimi", "-p -- --quiet"],
	["-- --profile kimi", "", "-- --profile kimi"],
	["--base-url http://h/v1 -- --model m", "--base-url http://h/v1", "--model m"],
];

const words = (line: string): string[] => (line === "" ? [] : line.split(" "));

describe("splitArguments", () => {
	test.each(table)("%s", (line, own, claude) => {
		expect(splitArguments(words(line), COMMANDS)).toEqual({
			command: undefined,
			own: words(own),
			claude: words(claude),
		});
	});

	test("a subcommand keeps all that follows", () => {
		const split = splitArguments(words("exec --profile x -- node a.js --help"), COMMANDS);
		expect(split).toEqual({ command: "exec", own: words("--profile x -- node a.js --help"), claude: [] });
	});

	test("arguments with spaces, empty ones and line breaks stay whole", () => {
		const prompt = "--profile is\nan option of cc-any";
		const split = splitArguments(["-p", prompt, "", "--profile", "x"], COMMANDS);
		expect(split.claude).toEqual(["-p", prompt, ""]);
	});

	test.each(["--profile", "-p hi --profile", "--profile --quiet", "--profile -p hi", "--model -p hi", "--claude -- x"])(
		"no value: %s",
		(line) => {
			expect(() => splitArguments(words(line), COMMANDS)).toThrow(UserError);
		},
	);
});
