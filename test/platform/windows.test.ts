import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { batchCommand } from "../../src/platform/batch-command.ts";
import { startOf } from "../../src/platform/program.ts";
import { POSIX_SHELL, POWERSHELL } from "../../src/platform/shell.ts";
import { UserError } from "../../src/platform/user-error.ts";
import { npmShim } from "../support/processes.ts";

// What can be shown without Windows; test/windows has the rest.

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "cc-any-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(path: string, text = ""): string {
	const whole = join(folder, path);
	mkdirSync(dirname(whole), { recursive: true });
	writeFileSync(whole, text);
	return whole;
}

const CLI = "node_modules/@anthropic-ai/claude-code/cli.js";
const EXE = "node_modules/@anthropic-ai/claude-code/bin/claude.exe";
/** What npm writes for a program (github.com/npm/cmd-shim), and pnpm (github.com/pnpm/cmd-shim). */
const NPM_EXE = npmShim("x.js").replace(/IF EXIST.*/s, `"%dp0%\\${EXE.replaceAll("/", "\\")}"   %*\r\n`);
const PNPM = `@SETLOCAL\r\n@IF NOT DEFINED NODE_PATH (\r\n  @SET "NODE_PATH=C:\\p"\r\n)\r\n@IF EXIST "%~dp0\\node.exe" (\r\n  "%~dp0\\node.exe"  "%~dp0\\${CLI.replaceAll("/", "\\")}" %*\r\n) ELSE (\r\n  @SET PATHEXT=%PATHEXT:;.JS;=;%\r\n  node  "%~dp0\\${CLI.replaceAll("/", "\\")}" %*\r\n)\r\n`;

describe("batch files of installers are replaced by what they start", () => {
	test.each([
		["npm, a script", npmShim(CLI), CLI],
		["pnpm, a script", PNPM, CLI],
		["npm, a program", NPM_EXE, EXE],
	])("%s", (_name, text, target) => {
		const shim = file("claude.cmd", text);
		// An installation that is damaged is reported by the batch file itself.
		expect(startOf(shim, [], {}, "win32").options).toEqual({ windowsVerbatimArguments: true });
		const path = file(target);
		const start = startOf(shim, ["-p", "a\nb"], {}, "win32");
		const isScript = target === CLI;
		expect(start.file).toBe(isScript ? process.execPath : path);
		expect(start.args).toEqual([...(isScript ? [path] : []), "-p", "a\nb"]);
	});

	test.each([
		"@set KEY=1\r\n@claude.exe %*\r\n",
		`@call env.cmd\r\n@"%~dp0\\${EXE}" %*\r\n`,
		npmShim(CLI).replace("%*", "--model x %*"),
	])("not a file with steps of its own: %j", (text) => {
		file(CLI);
		file(EXE);
		expect(startOf(file("claude.cmd", text), [], {}, "win32").options).toEqual({ windowsVerbatimArguments: true });
	});
});

test("programs are looked up with the endings of Windows, elsewhere the system does it", () => {
	const tool = file("tools/tool.bat");
	const variables = { Path: `relative;"${dirname(tool)}"` };
	expect(startOf("tool", [], variables, "win32").args.join(" ")).toContain(`"${tool}"`);
	// Never a bare name, for which Windows tries the current folder first.
	expect(startOf("other", [], variables, "win32").file).toBe(join(dirname(tool), "other.exe"));
	expect(startOf("other", [], {}, "win32").file).toBe(join(sep, "other"));
	expect(startOf("tool", ["a"], variables, "linux")).toEqual({ file: "tool", args: ["a"], options: {} });
});

describe("the command line of a batch file", () => {
	test.each([
		["plain", "plain"],
		["", '""'],
		["two words", '"two words"'],
		['a"&calc', '"a""&calc"'],
		['\\"', '"\\\\"""'],
		["ends with \\", '"ends with \\\\"'],
		["%PATH%", '"%%cd:~,%PATH%%cd:~,%"'],
		["a^b|c>d", '"a^b|c>d"'],
	])("%j is %s", (argument, quoted) => {
		expect(batchCommand("C:\\a b.cmd", [argument]).args.at(-1)).toBe(`""C:\\a b.cmd" ${quoted}"`);
	});

	test.each([
		["a\nb", "an argument with a line break"],
		["x".repeat(8200), "more than 8191 characters"],
	])("what cmd.exe would cut is refused", (argument, reason) => {
		const refused = () => batchCommand("claude.cmd", [argument]);
		expect(refused).toThrow(UserError);
		expect(refused).toThrow(reason);
	});

	test("nor does it run in a network folder, where cmd.exe would take C:\\Windows instead", () => {
		const start = (directory: string) => () => batchCommand("claude.cmd", [], directory);
		expect(start("\\\\server\\share\\project")).toThrow("cannot run in the network folder \\\\server\\share\\project");
		for (const directory of ["C:\\project", "\\\\?\\C:\\project"]) expect(start(directory)).not.toThrow();
	});
});

test("hints are for the user's shell", () => {
	expect(POSIX_SHELL.set("KEY", "...")).toBe("export KEY=...");
	expect(POWERSHELL.set("KEY", "it's")).toBe("$env:KEY = 'it''s'");
	expect(POWERSHELL.word("C:\\a b")).toBe("'C:\\a b'");
	expect(POWERSHELL.word("--resume")).toBe("--resume");
	expect([POWERSHELL.copy("A", "B"), POWERSHELL.unset("A")]).toEqual(["$env:A = $env:B", "Remove-Item Env:A"]);
});
