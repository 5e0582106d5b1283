import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { candidates } from "../../src/cli/commands/completion/complete-words.ts";
import { createProgram } from "../../src/cli/program.ts";
import { fileNamesOf, pathFolders } from "../../src/platform/program.ts";
import { CC_ANY, Sandbox } from "../support/processes.ts";
import { Terminal } from "../support/terminal.ts";

/** Whether a shell is missing here; its test is then skipped, and says so. */
function lacks(shell: string): boolean {
	const names = fileNamesOf(shell);
	const found = pathFolders(process.env).some((folder) => names.some((name) => existsSync(join(folder, name))));
	if (!found) console.log(`skipped: ${shell} is not on this machine, its completion script is not run`);
	return !found;
}

const isWindows = process.platform === "win32";
/** The second is part of Windows. */
const POWERSHELLS = ["pwsh", ...(isWindows ? ["powershell"] : [])].filter((shell) => !lacks(shell));

describe("candidates", () => {
	const complete = (line: string) =>
		candidates(createProgram([]), line.split(" "), { profiles: ["deepseek", "demo", "kimi"], models: ["k-1", "k-2"] });

	test.each([
		["the first word is a command", "prof", ["profiles"]],
		["a command of a command", "trace s", ["show"]],
		["a profile after --profile, anywhere", "-p --profile de", ["deepseek", "demo"]],
		["a model", "--profile kimi --model k-", ["k-1", "k-2"]],
		["a model of a tier", "init --haiku k-2", ["k-2"]],
		["of a subcommand too", "serve --profile k", ["kimi"]],
		["choices of an option", "--dialect g", ["gemini"]],
		["choices of an argument", "completion f", ["fish"]],
		["a profile as an argument", "doctor de", ["deepseek", "demo"]],
		["nothing after it", "doctor demo ", []],
		["an empty word of PowerShell", 'keys ""', ["list", "set", "remove", "test"]],
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
		if (isWindows) writeFileSync(sandbox.path("bin/cc-any.cmd"), `@"${process.execPath}" "${CC_ANY}" %*\r\n`);
		else symlinkSync(CC_ANY, sandbox.path("bin/cc-any"));
	});
	afterEach(() => sandbox.close());

	// The bash.exe of Windows starts WSL.
	test.skipIf(isWindows)("bash completes with the script", () => {
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

	test.skipIf(lacks("fish"))("fish completes with the script", () => {
		const complete = (line: string) => `complete -C '${line}'`;
		const script = [
			"cc-any completion fish | source",
			...["cc-any --profile deeps", "cc-any keys ", "cc-any doctor --of"].map(complete),
		];
		const options = { env: sandbox.environment({}), cwd: sandbox.path("work") };
		const output = execFileSync("fish", ["--no-config", "-c", script.join("\n")], options).toString();
		expect(output).toBe("deepseek\nlist\nremove\nset\ntest\n--offline\n");
	});

	test.skipIf(lacks("zsh"))("zsh completes with the script, at its own prompt", async () => {
		const environment = sandbox.environment({}, { TERM: "xterm", PS1: "ready>" });
		const screen = new Terminal("zsh", ["-f"], sandbox.path("work"), environment);
		await screen.shows("ready>");
		screen.write("autoload -Uz compinit; compinit -u; source <(cc-any completion zsh); echo loaded-$((40 + 2))\r");
		await screen.shows("loaded-42");
		screen.write("cc-any --profile deeps\t");
		await screen.shows("cc-any --profile deepseek");
		screen.write("\x15cc-any keys rem\t");
		await screen.shows("cc-any keys remove");
		screen.write("\x15exit\r");
		await screen.ended;
	});

	test.each(POWERSHELLS)("%s completes with the script", (shell) => {
		const complete = (line: string) =>
			`(TabExpansion2 '${line}' ${line.length}).CompletionMatches | ForEach-Object CompletionText`;
		const script = [
			"cc-any completion powershell | Out-String | Invoke-Expression",
			...["cc-any --profile deeps", "cc-any keys "].map(complete),
		];
		const options = { env: sandbox.environment({}), cwd: sandbox.path("work") };
		const output = execFileSync(shell, ["-NoProfile", "-Command", script.join("\n")], options).toString();
		expect(output.split(/\r?\n/)).toEqual(["deepseek", "list", "set", "remove", "test", ""]);
	});

	test.each(["zsh", "fish", "powershell"])("%s has a script", async (shell) => {
		const run = sandbox.ccAny(["completion", shell], sandbox.environment({}));
		expect(await run.ended).toBe(0);
		expect(run.stdout).toMatch(/cc-any completion words (?:--|'--') /);
	});

	test("models are those of the profile in the line, or of the default", async () => {
		const words = async (...line: string[]) => {
			const run = sandbox.ccAny(["completion", "words", "--", ...line], sandbox.environment({}));
			expect([await run.ended, run.stderr]).toEqual([0, ""]);
			return run.stdout;
		};
		expect(await words("--profile", "deepseek", "--model", "deepseek-f")).toBe("deepseek-flash\n");
		expect(await words("check", "deepseek", "--model", "deepseek-f")).toBe("deepseek-flash\n");
		expect(await words("--model", "")).toBe("");
		mkdirSync(sandbox.path("home/.config/cc-any"), { recursive: true });
		writeFileSync(sandbox.path("home/.config/cc-any/config.yaml"), "profile: demo\n");
		expect(await words("--model", "")).toBe("demo\n");
	});

	test("the error for an unknown shell lists the known ones", async () => {
		const run = sandbox.ccAny(["completion", "tcsh"], sandbox.environment({}));
		expect([await run.ended, run.stderr]).toEqual([2, expect.stringContaining("bash, zsh, fish, powershell")]);
	});
});
