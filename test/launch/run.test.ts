import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
	CC_ANY,
	type FakePlan,
	type FakeReport,
	isAlive,
	isListening,
	type Run,
	Sandbox,
	until,
} from "../support/processes.ts";

const KEY = "sk-sample-key-that-must-not-travel";
let sandbox: Sandbox;
let profile: string;

beforeEach(() => {
	sandbox = new Sandbox();
	profile = sandbox.profile("http://127.0.0.1:9/v1");
});
afterEach(() => sandbox.close());

function start(options: readonly string[], plan: FakePlan = {}, more: Record<string, string> = {}): Run {
	const environment = sandbox.environment(plan, { SAMPLE_API_KEY: KEY, ...more });
	return sandbox.ccAny(["--profile", profile, ...options], environment);
}

function portOf(report: FakeReport): number {
	return Number(new URL(report.environment["ANTHROPIC_BASE_URL"] as string).port);
}

describe("what claude gets", () => {
	test("arguments unchanged and in order, the settings file first", async () => {
		const words = [
			"-p",
			"two words\nand a line",
			"--model",
			"opus",
			"--resume",
			"--mcp-config",
			"a b.json",
			"",
			"--",
			"--quiet",
		];
		expect(await start(words).ended).toBe(0);
		const seen = await sandbox.seen();
		expect(seen.arguments.slice(0, 1)).toEqual(["--settings"]);
		expect(seen.arguments.slice(2)).toEqual(words);
	});

	test("cc-any's options may follow claude's", async () => {
		const environment = sandbox.environment({}, { SAMPLE_API_KEY: KEY });
		const run = sandbox.ccAny(["-p", "hi", "--profile", profile, "--permission-mode", "plan", "--quiet"], environment);
		expect(await run.ended).toBe(0);
		expect((await sandbox.seen()).arguments.slice(2)).toEqual(["-p", "hi", "--permission-mode", "plan"]);
	});

	test("the environment of the profile, the user's own kept, in the user's folder", async () => {
		await start([], {}, { MY_OWN: "kept", ANTHROPIC_API_KEY: "sk-ant-other", HTTPS_PROXY: "http://proxy.test:1" })
			.ended;
		const { environment, directory } = await sandbox.seen();
		expect(environment).toMatchObject({
			MY_OWN: "kept",
			HTTPS_PROXY: "http://proxy.test:1",
			NO_PROXY: "127.0.0.1,localhost",
			ANTHROPIC_MODEL: "sample-large",
			CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST: "1",
			CLAUDE_CODE_AUTO_COMPACT_WINDOW: "262144",
		});
		expect(environment["ANTHROPIC_API_KEY"]).toBeUndefined();
		expect(environment["ANTHROPIC_BASE_URL"]).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
		expect(environment["ANTHROPIC_AUTH_TOKEN"]?.length).toBeGreaterThan(30);
		expect(directory).toBe(sandbox.path("work"));
	});

	test("a new token for every run", async () => {
		await start([]).ended;
		const first = (await sandbox.seen()).environment["ANTHROPIC_AUTH_TOKEN"];
		await start([]).ended;
		expect((await sandbox.seen()).environment["ANTHROPIC_AUTH_TOKEN"]).not.toBe(first);
	});

	test("the key is nowhere: not in the environment, the arguments, the settings, or the command line of cc-any", async () => {
		const run = start(["-p", "hi"], { wait: 60_000, handle: { SIGTERM: 0 } }, { COPY_OF_KEY: `Bearer ${KEY}` });
		const seen = await sandbox.seen();
		expect(JSON.stringify(seen)).not.toContain(KEY);
		expect(seen.environment["FAKE_CLAUDE"]).toBeDefined();
		for (const pid of [seen.pid, run.pid]) {
			const commandLine = execFileSync("ps", ["-ww", "-o", "args=", "-p", String(pid)], { encoding: "utf8" });
			expect(commandLine).toContain("node");
			expect(commandLine).not.toContain(KEY);
		}
		for (const file of readdirSync(sandbox.path("tmp"), { recursive: true, withFileTypes: true }))
			if (file.isFile()) expect(readFileSync(`${file.parentPath}/${file.name}`, "utf8")).not.toContain(KEY);
		run.kill("SIGTERM");
		expect(await run.ended).toBe(0);
		expect(run.stdout + run.stderr).not.toContain(KEY);
	});
});

describe("settings", () => {
	test("a file for this user alone, gone at the end", async () => {
		await start(["-p", "hi"]).ended;
		const { settings, environment } = await sandbox.seen();
		const { ANTHROPIC_BASE_URL, ANTHROPIC_AUTH_TOKEN } = environment;
		const env = { ANTHROPIC_BASE_URL, ANTHROPIC_AUTH_TOKEN };
		expect(JSON.parse(settings?.text ?? "")).toEqual({ disableAutoMode: "disable", env });
		expect([settings?.mode, settings?.folderMode]).toEqual([0o600, 0o700]);
		expect(existsSync(dirname(settings?.path ?? ""))).toBe(false);
		expect(readdirSync(sandbox.path("tmp"))).toEqual([]);
	});

	test("the user's own --settings are merged, from a file or inline, in their place", async () => {
		writeFileSync(sandbox.path("work/mine.json"), '{"model":"opus","env":{"A":"1"}}');
		await start(["-p", "--settings", "mine.json", "hi"]).ended;
		const first = await sandbox.seen();
		expect(JSON.parse(first.settings?.text ?? "")).toMatchObject({
			disableAutoMode: "disable",
			model: "opus",
			env: { A: "1" },
		});
		expect(first.arguments).toEqual(["-p", "--settings", first.settings?.path, "hi"]);
		await start(["--settings", '{"theme":"dark"}']).ended;
		expect(JSON.parse((await sandbox.seen()).settings?.text ?? "")).toMatchObject({
			disableAutoMode: "disable",
			theme: "dark",
		});
	});

	test("what the user chose is not touched", async () => {
		await start(["-p", "--settings", '{"permissions":{"defaultMode":"auto"}}']).ended;
		const { env: _env, ...settings } = JSON.parse((await sandbox.seen()).settings?.text ?? "");
		expect(settings).toEqual({ permissions: { defaultMode: "auto" } });
	});

	test("a temporary folder that cannot be written is an error with its name", async () => {
		const run = start([], {}, { TMPDIR: sandbox.path("nowhere") });
		expect(await run.ended).toBe(1);
		expect(run.stderr).toMatch(/files of this run cannot be written below .*nowhere \(ENOENT\)[\s\S]*hint: .*TMPDIR/);
	});

	test("a start removes the folders of runs that were killed, and of no other", async () => {
		const dead = start([], {});
		await dead.ended;
		for (const pid of [dead.pid, process.pid]) mkdirSync(sandbox.path(`tmp/cc-any-run-${pid}-x`));
		mkdirSync(sandbox.path("tmp/cc-any-other"));
		await start([]).ended;
		expect(readdirSync(sandbox.path("tmp")).sort()).toEqual(["cc-any-other", `cc-any-run-${process.pid}-x`]);
	});

	test("unreadable --settings are left for claude to complain about", async () => {
		await start(["--settings", "{damaged"]).ended;
		expect((await sandbox.seen()).arguments).toEqual(["--settings", "{damaged"]);
	});
});

describe("the end", () => {
	test.each([
		["a code", { exit: 7 }, 7],
		["SIGKILL", { die: "SIGKILL", wait: 60_000 }, "SIGKILL"],
		["SIGTERM", { die: "SIGTERM", wait: 60_000 }, "SIGTERM"],
	] as [string, FakePlan, number | string][])("by %s: same end, no port, no file", async (_how, plan, end) => {
		expect(await start([], plan).ended).toBe(end);
		expect(await isListening(portOf(await sandbox.seen()))).toBe(false);
		expect(readdirSync(sandbox.path("tmp"))).toEqual([]);
	});

	test("SIGTERM to cc-any: passed on, waited for, cleaned up, no orphan", async () => {
		const run = start([], { wait: 60_000, handle: { SIGTERM: 143 } });
		const seen = await sandbox.seen();
		expect(seen.parent).toBe(run.pid);
		expect(await isListening(portOf(seen))).toBe(true);
		run.kill("SIGTERM");
		expect(await run.ended).toBe(143);
		expect(isAlive(seen.pid)).toBe(false);
		expect(await isListening(portOf(seen))).toBe(false);
		expect(readdirSync(sandbox.path("tmp"))).toEqual([]);
	});

	test("SIGKILL to cc-any ends claude: its token and its conversation go to no program that takes the port", async () => {
		const run = start([], { wait: 60_000 });
		const { pid } = await sandbox.seen();
		run.kill("SIGKILL");
		await run.ended;
		await until(() => (isAlive(pid) ? undefined : true));
	});

	test("SIGQUIT without a terminal is passed on", async () => {
		const run = start([], { wait: 60_000 });
		await sandbox.seen();
		run.kill("SIGQUIT");
		expect([131, "SIGQUIT"]).toContain(await run.ended);
		expect(readdirSync(sandbox.path("tmp"))).toEqual([]);
	});

	test("a reader that closes stderr does not end the run", async () => {
		const command = `"$0" "$@" 2> >(true)`;
		const environment = sandbox.environment({ exit: 5 }, { SAMPLE_API_KEY: KEY });
		const words = ["-c", command, process.execPath, CC_ANY, "--profile", profile, "--bogus-option-of-claude"];
		expect(await sandbox.start("/bin/bash", words, environment).ended).toBe(5);
	});

	test("a background child of claude that outlives it finds the port closed", async () => {
		expect(await start([], { background: true }).ended).toBe(0);
		const seen = await sandbox.seen();
		expect(isAlive(seen.background as number)).toBe(true);
		expect(await isListening(portOf(seen))).toBe(false);
		process.kill(seen.background as number);
	});

	test("the proxy serves during the run", async () => {
		await start([], { ask: {} }).ended;
		const { reply } = await sandbox.seen();
		expect(reply?.status).toBe(400);
		expect(JSON.parse(reply?.text ?? "")).toMatchObject({ type: "error", error: { type: "invalid_request_error" } });
	});

	test("several at once do not meet", async () => {
		const other = new Sandbox();
		const environment = other.environment({ wait: 60_000, handle: { SIGTERM: 0 } }, { SAMPLE_API_KEY: KEY });
		const second = other.ccAny(["--profile", profile], environment);
		const first = start([], { wait: 60_000, handle: { SIGTERM: 0 } });
		expect(portOf(await sandbox.seen())).not.toBe(portOf(await other.seen()));
		first.kill("SIGTERM");
		second.kill("SIGTERM");
		expect(await Promise.all([first.ended, second.ended])).toEqual([0, 0]);
		other.close();
	});
});
