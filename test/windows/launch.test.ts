import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FakePlan, isAlive, type Run, Sandbox, until } from "../support/processes.ts";

// The built program, the real cmd.exe (Wine's, where Wine runs this) and a fake claude, installed as npm does it. Starting Node
// takes seconds under Wine, so one run answers many questions.

const NASTY = ['say "hi" & echo ^ | > x', "%PATH%", "", "ends with \\", "日本 🙂 é", "!x!", "(a);b", '\\"', "100%"];
const CLAUDE_VERSION = "2.1.332 (Claude Code)";

let sandbox: Sandbox;
beforeEach(() => {
	sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

function start(options: readonly string[], plan: FakePlan = {}, more: Record<string, string> = {}): Run {
	return sandbox.ccAny(options, sandbox.environment(plan, more));
}

function file(name: string, text: string): string {
	const path = sandbox.path(name);
	mkdirSync(join(path, ".."), { recursive: true });
	writeFileSync(path, text.replaceAll("\n", "\r\n"));
	return path;
}

describe.skipIf(process.platform !== "win32")("on Windows", () => {
	test("npm's claude.cmd: arguments, environment, settings, the proxy, the exit code", async () => {
		const temp = sandbox.path("tëmp with blanks");
		mkdirSync(temp);
		const words = [...NASTY, "two\nlines\r\n", "x".repeat(30_000)];
		const ask = { model: "demo", max_tokens: 50, messages: [{ role: "user", content: "hello" }] };
		const run = start(
			["--profile", "demo", "--statusline", ...words],
			{ exit: 7, ask },
			{ TEMP: temp, TMP: temp, Anthropic_Api_Key: "sk-ant-other", My_Own: "kept" },
		);
		expect(await run.ended, run.stderr).toBe(7);
		const seen = await sandbox.seen();
		expect(seen.arguments.slice(2)).toEqual(words);
		expect(seen.reply).toMatchObject({ status: 200 });
		expect(seen.reply?.text).toContain("I am the demo model");
		expect(seen.directory).toBe(sandbox.path("work"));
		expect(seen.environment).toMatchObject({ ANTHROPIC_MODEL: "demo", My_Own: "kept" });
		expect(Object.keys(seen.environment).filter((name) => /^anthropic_api_key$/i.test(name))).toEqual([]);
		expect(seen.settings?.path).toContain(temp);
		const { statusLine } = JSON.parse(seen.settings?.text ?? "{}");
		expect(statusLine.command).toMatch(/^cat C:\/.*\/tëmp\?with\?blanks\/.*\/status\.txt$/);
		expect(existsSync(seen.settings?.path ?? "")).toBe(false);
	});

	test("killing cc-any ends the child: it must not go on with the token", async () => {
		const run = start(["--profile", "demo"], { wait: 60_000 });
		const { pid } = await sandbox.seen();
		expect(isAlive(pid)).toBe(true);
		run.kill("SIGKILL");
		await run.ended;
		await until(() => (isAlive(pid) ? undefined : true));
	});

	test("a batch file of the user's own, named with forward slashes and without its ending", async () => {
		const fake = sandbox.path("bin/node_modules/fake-claude/cli.mjs");
		file("my tools/claude.cmd", `@set OWN=1\n@"${process.execPath}" "${fake}" %*\n`);
		file("my tools/claude", "#!/bin/sh\n");
		const claude = sandbox.path("my tools/claude").replaceAll("\\", "/");
		// Wine's cmd.exe does not know the expansion that protects percent signs.
		const words = NASTY.filter((word) => process.env["CC_ANY_WINE"] !== "1" || !word.includes("%"));
		const run = start(["--profile", "demo", "--claude", claude, "-p", ...words], { exit: 3 });
		expect(await run.ended, run.stderr).toBe(3);
		const seen = await sandbox.seen();
		expect(seen.arguments.slice(2)).toEqual(["-p", ...words]);
		expect(seen.environment["OWN"]).toBe("1");
	});

	test("claude.exe of the native installer comes from %USERPROFILE%\\.local\\bin", async () => {
		mkdirSync(sandbox.path("home/.local/bin"), { recursive: true });
		copyFileSync(process.execPath, sandbox.path("home/.local/bin/claude.exe"));
		// That is Node, which refuses the option --settings with code 9.
		const run = start(["--profile", "demo"], {}, { PATH: sandbox.path("empty") });
		expect(await run.ended).toBe(9);
		expect(run.stderr).toMatch(/claude\.exe: bad option: --settings/);
	});

	// A single executable, made by `npm run test:windows -- --all`.
	const exe = process.env["CC_ANY_FAKE_EXE"] ?? "";
	test.skipIf(exe === "")("claude.exe gets every argument as it is, and ends with cc-any", async () => {
		mkdirSync(sandbox.path("home/.local/bin"), { recursive: true });
		copyFileSync(exe, sandbox.path("home/.local/bin/claude.exe"));
		const words = [...NASTY, "two\nlines\r\n", "x".repeat(30_000)];
		const run = start(["--profile", "demo", ...words], { wait: 60_000 }, { PATH: sandbox.path("empty") });
		const { arguments: given, pid } = await sandbox.seen();
		expect(given.slice(2)).toEqual(words);
		run.kill("SIGKILL");
		await run.ended;
		await until(() => (isAlive(pid) ? undefined : true));
	});

	test("exec finds batch files on PATH, and doctor asks one for its version", async () => {
		const exec = start(["exec", "--profile", "demo", "--", "claude", "one", "two words"], { exit: 5 });
		expect(await exec.ended, exec.stderr).toBe(5);
		expect((await sandbox.seen()).arguments).toEqual(["one", "two words"]);
		file("answers/claude.cmd", `@echo ${CLAUDE_VERSION}\n`);
		const doctor = start(["doctor", "demo"], {}, { PATH: sandbox.path("answers") });
		await doctor.ended;
		expect(doctor.stdout, doctor.stderr).toMatch(/2\.1\.332 at .*claude\.cmd, tested with/);
	});

	test("a trace is written, and shown again", async () => {
		const ask = { model: "demo", max_tokens: 50, messages: [{ role: "user", content: "hello" }] };
		const run = start(["--profile", "demo", "--trace", "-p", "x"], { ask });
		expect(await run.ended, run.stderr).toBe(0);
		const shown = start(["trace", "show", "last"], {});
		expect(await shown.ended, shown.stderr).toBe(0);
		expect(shown.stdout).toContain("demo");
		expect(readFileSync(sandbox.report, "utf8")).toContain("I am the demo model");
	});
});
