import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { SignalRelay } from "../../src/launch/spawn.ts";
import { type FakePlan, isAlive, type Run, Sandbox, until } from "../support/processes.ts";

const source = fileURLToPath(new URL("../support/spawn-driver.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "cc-any-test-"));
const driver = join(folder, "driver.mjs");
let sandbox: Sandbox;

beforeAll(async () => {
	await build({
		entryPoints: [source],
		bundle: true,
		outfile: driver,
		format: "esm",
		platform: "node",
		banner: { js: 'import { createRequire } from "node:module";const require = createRequire(import.meta.url);' },
	});
});
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
	sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

function start(plan: FakePlan, input?: string, more: Record<string, string> = {}): Run {
	const program = [driver, sandbox.path("bin/claude")];
	return sandbox.start(process.execPath, program, sandbox.environment(plan, more), input);
}

/** How Windows starts the child; all but its own shell scripts can be tried here. */
const WINDOWS = { TEST_PLATFORM: "win32" };

describe("ends as the child ends", () => {
	test.each([0, 1, 3, 130, 143, 255])("exit code %i", async (exit) => {
		expect(await start({ exit }).ended).toBe(exit);
	});

	test.each(["SIGTERM", "SIGKILL", "SIGHUP", "SIGINT"] as const)("death by %s", async (die) => {
		expect(await start({ die, wait: 60_000 }).ended).toBe(die);
	});

	test("death by a signal that dumps core is a code", async () => {
		expect(await start({ die: "SIGABRT", wait: 60_000 }).ended).toBe(134);
	});

	test("the way of Windows", async () => {
		expect(await start({ exit: 3 }, undefined, WINDOWS).ended).toBe(3);
		expect(await start({ die: "SIGTERM", wait: 60_000 }, undefined, WINDOWS).ended).toBe("SIGTERM");
	});

	test.each([{}, WINDOWS])("a program that cannot be started %o", async (more) => {
		const program = [driver, "/nowhere/claude"];
		const run = sandbox.start(process.execPath, program, sandbox.environment({}, more));
		expect(await run.ended).toBe(127);
		expect(run.stderr).toContain("/nowhere/claude could not be started");
	});

	afterEach(() => expect(readdirSync(sandbox.path("tmp"))).toEqual([]));
});

test("stdin and stdout are the child's", async () => {
	const run = start({ readStdin: true, stdout: "from the child" }, "to the child");
	expect(await run.ended).toBe(0);
	expect(run.stdout).toBe("from the child");
	expect((await sandbox.seen()).stdin).toBe("to the child");
});

describe("signals", () => {
	test.each([
		["SIGTERM", 143],
		["SIGHUP", 129],
	] as const)("%s is passed on, and the child's code comes back", async (signal, code) => {
		const run = start({ wait: 60_000, handle: { [signal]: code } });
		const { pid } = await sandbox.seen();
		run.kill(signal);
		expect(await run.ended).toBe(code);
		expect((await sandbox.seen()).signals).toEqual([signal]);
		expect(isAlive(pid)).toBe(false);
	});

	test("a child that dies of SIGTERM takes this process along", async () => {
		const run = start({ wait: 60_000 });
		await sandbox.seen();
		run.kill("SIGTERM");
		expect(await run.ended).toBe("SIGTERM");
	});

	test("without a terminal SIGINT reaches the child although only cc-any got it", async () => {
		const run = start({ wait: 60_000, handle: { SIGINT: 0 } });
		await sandbox.seen();
		run.kill("SIGINT");
		expect(await run.ended).toBe(0);
		expect((await sandbox.seen()).signals).toEqual(["SIGINT"]);
	});

	test("a child that ignores SIGTERM is killed in the end", async () => {
		const run = start({ wait: 60_000, ignore: ["SIGTERM"] });
		const { pid } = await sandbox.seen();
		run.kill("SIGTERM");
		expect(await run.ended).toBe("SIGKILL");
		expect(isAlive(pid)).toBe(false);
	});

	test("a defect of cc-any kills the child", async () => {
		const run = start({ wait: 60_000 });
		const { pid } = await sandbox.seen();
		run.kill("SIGUSR2");
		expect(await run.ended).toBe(1);
		expect(run.stderr).toContain("a defect");
		await until(() => (isAlive(pid) ? undefined : true));
	});

	test("SIGQUIT, which the terminal sends to both, does not end the parent", async () => {
		const run = start({ wait: 60_000, handle: { SIGTERM: 7 } });
		await sandbox.seen();
		run.kill("SIGQUIT");
		run.kill("SIGTERM");
		expect(await run.ended).toBe(7);
	});

	afterEach(() => expect(readdirSync(sandbox.path("tmp"))).toEqual([]));
});

describe("on Windows no signal is passed on: the console sends them to the child as well", () => {
	const passed: string[] = [];
	let relay: SignalRelay;
	beforeEach(() => {
		vi.useFakeTimers();
		passed.length = 0;
		relay = new SignalRelay("win32");
		relay.attach({ kill: (signal) => passed.push(signal) > 0 });
	});
	afterEach(() => {
		relay.close();
		vi.useRealTimers();
	});

	test.each(["SIGINT", "SIGBREAK"] as const)("%s: the child decides what happens", (signal) => {
		process.emit(signal, signal);
		vi.advanceTimersByTime(60_000);
		expect([passed, relay.received]).toEqual([[], undefined]);
	});

	test("SIGHUP, the window is closed: a child that stays is killed before Windows ends everything after 5 s", () => {
		process.emit("SIGHUP", "SIGHUP");
		expect([passed, relay.received]).toEqual([[], "SIGHUP"]);
		vi.advanceTimersByTime(4_000);
		expect(passed).toEqual(["SIGKILL"]);
	});

	test("a child that ends in time is not killed", () => {
		process.emit("SIGHUP", "SIGHUP");
		relay.detach();
		vi.advanceTimersByTime(60_000);
		expect(passed).toEqual([]);
	});
});
