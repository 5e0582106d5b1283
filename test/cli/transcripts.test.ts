import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { version } from "../../package.json";
import { COMMANDS } from "../../src/cli/add-commands.ts";
import { Sandbox } from "../support/processes.ts";

const KEY = "sk-sample-key-that-must-not-travel";
let sandbox: Sandbox;
let profile: string;

beforeEach(() => {
	sandbox = new Sandbox();
	profile = sandbox.profile("https://api.sample.test/v1");
});
afterEach(() => sandbox.close());

/** Exit code, stdout and stderr of a command line, machine paths replaced. */
async function transcript(words: readonly string[], more: Record<string, string> = {}): Promise<string> {
	const environment = sandbox.environment({}, { SAMPLE_API_KEY: KEY, ...more });
	const run = sandbox.ccAny(words, environment);
	const code = await run.ended;
	const text = `exit ${code}\n--- stdout\n${run.stdout}--- stderr\n${run.stderr}`;
	return text.replaceAll(sandbox.root, "<sandbox>").replaceAll(version, "<version>");
}

describe("help and version", () => {
	test("--help fits one screen", async () => {
		const text = await transcript(["--help"]);
		const names = Object.keys(COMMANDS).filter((name) => name !== "help");
		for (const name of names) expect(text).toMatch(new RegExp(`^  ${name} +\\S`, "m"));
		const isCommand = (line: string) => names.some((name) => line.startsWith(`  ${name} `));
		const others = text.split("\n").filter((line) => !isCommand(line));
		expect(others.join("\n")).toMatchSnapshot();
		const screen = text.slice(text.indexOf("--- stdout\n") + 11, text.indexOf("--- stderr"));
		const lines = screen.trimEnd().split("\n");
		expect(lines.length).toBeLessThanOrEqual(40);
		expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
	});

	test("-h is the same", async () => {
		expect(await transcript(["-h"])).toBe(await transcript(["--help"]));
	});

	test("help anywhere before -- is cc-any's, a subcommand has its own", async () => {
		expect(await transcript(["-p", "hi", "--help"])).toBe(await transcript(["--help"]));
		expect(await transcript(["serve", "--help"])).toMatchSnapshot();
		expect(await transcript(["exec", "--help"])).toMatchSnapshot();
	});

	test("--version", async () => {
		const found = (await transcript(["--version"])).replace(process.versions.node, "<node>");
		// The fake claude is no package that names a version.
		const line = "<version> (Node <node>, Claude Code at <sandbox>/bin/claude)";
		expect(found).toBe(`exit 0\n--- stdout\n${line}\n--- stderr\n`);
	});
});

describe("wrong usage", () => {
	test.each([
		["an option without its value", ["--profile"]],
		["an unknown dialect", ["--base-url", "http://h/v1", "--dialect", "smtp"]],
		["exec without a command", ["exec", "--profile", "x"]],
		["serve with a port that is none", ["serve", "--port", "http"]],
		["an unknown option of a subcommand", ["serve", "--jsn"]],
		["an argument too many", ["serve", "kimi"]],
	])("%s", async (_about, words) => {
		expect(await transcript(words)).toMatchSnapshot();
	});
});

test("claude that is not there", async () => {
	expect(await transcript(["--profile", profile, "--claude", "/nowhere/claude"])).toMatchSnapshot();
});

describe("--dry-run", () => {
	test("prints the plan, starts nothing, shows no key", async () => {
		const words = ["--profile", profile, "--dry-run", "-p", "it's me", "--settings", `{"env":{"T":"${KEY}"}}`];
		const more = { ANTHROPIC_API_KEY: "sk-ant", HEADERS: `Bearer ${KEY}` };
		const text = await transcript(words, more);
		expect(text).toMatchSnapshot();
		expect(text).not.toContain(KEY);
		expect(existsSync(sandbox.report)).toBe(false);
	});

	test("without claude on the machine it says so, and prints the rest", async () => {
		const text = await transcript(["--profile", profile, "--dry-run", "--claude", "/nowhere/claude"]);
		expect(text).toContain("claude (--claude names /nowhere/claude");
		expect(text).toMatch(/^exit 0/);
	});
});

describe("profiles and trust", () => {
	test("show: the key masked, from wherever it came; --json may stand anywhere", async () => {
		expect(await transcript(["profiles", "show", profile])).toMatchSnapshot();
		const after = await transcript(["profiles", "show", profile, "--json"]);
		expect(after).toBe(await transcript(["profiles", "--json", "show", profile]));
		expect(after).not.toContain(KEY);
	});

	test("the list names the demo", async () => {
		const text = await transcript(["profiles", "--json"]);
		const list = JSON.parse(text.slice(text.indexOf("["), text.indexOf("--- stderr")));
		expect(list.map(({ name }: { name: string }) => name)).toEqual(
			expect.arrayContaining(["demo", "deepseek", "kimi"]),
		);
	});

	test.each([
		["a name that is not there", ["--profile", "deepsek"]],
		["trust without a project file", ["trust"]],
		["import without a block", ["profiles", "import"]],
	])("%s", async (_about, words) => {
		expect(await transcript(words)).toMatchSnapshot();
	});
});
