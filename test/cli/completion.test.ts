import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createProgram } from "../../src/cli.ts";
import { candidates } from "../../src/commands/completion.ts";
import { CC_ANY, Sandbox } from "../support/processes.ts";

describe("candidates", () => {
	const complete = (line: string) => candidates(createProgram([]), line.split(" "), ["deepseek", "demo", "kimi"]);

	test.each([
		["the first word is a command", "prof", ["profiles"]],
		["a command of a command", "trace s", ["show"]],
		["a profile after --profile, anywhere", "-p --profile de", ["deepseek", "demo"]],
		["of a subcommand too", "serve --profile k", ["kimi"]],
		["choices of an option", "--dialect g", ["gemini"]],
		["choices of an argument", "completion f", ["fish"]],
		["a profile as an argument", "doctor de", ["deepseek", "demo"]],
		["nothing after it", "doctor demo ", []],
		["options of the command alone", "usage --b", ["--by"]],
		["a prompt is no command", "hello tra", []],
		["what follows -- is not ours", "exec -- ", []],
		["a value that is not known", "serve --port ", []],
	])("%s: %s", (_about, line, expected) => expect(complete(line)).toEqual(expected));

	test("nothing typed: every command; a dash: every option", () => {
		const program = createProgram([]);
		expect(complete("")).toEqual(program.commands.map((command) => command.name()));
		expect(complete("--")).toEqual([...program.options.map((option) => option.long), "--help"]);
	});
});

describe("scripts", () => {
	let sandbox: Sandbox;
	beforeEach(() => {
		sandbox = new Sandbox();
		symlinkSync(CC_ANY, sandbox.path("bin/cc-any"));
	});
	afterEach(() => sandbox.close());

	test("bash completes with the script", () => {
		const script = [
			"source <(cc-any completion bash)",
			`COMP_WORDS=(cc-any --profile deeps); COMP_CWORD=2; _cc_any; echo "\${COMPREPLY[@]}"`,
			`COMP_WORDS=(cc-any keys ""); COMP_CWORD=2; _cc_any; echo "\${COMPREPLY[@]}"`,
		];
		const env = sandbox.environment({});
		expect(execFileSync("bash", ["-c", script.join("\n")], { env, cwd: sandbox.path("work") }).toString()).toBe(
			"deepseek\nlist set remove test\n",
		);
	});

	test.each(["zsh", "fish", "powershell"])("%s has a script of its own", async (shell) => {
		const run = sandbox.ccAny(["completion", shell], sandbox.environment({}));
		expect(await run.ended).toBe(0);
		expect(run.stdout).toContain("cc-any completion words --");
	});

	test("an unknown shell is told the known ones", async () => {
		const run = sandbox.ccAny(["completion", "tcsh"], sandbox.environment({}));
		expect([await run.ended, run.stderr]).toEqual([2, expect.stringContaining("bash, zsh, fish, powershell")]);
	});
});
