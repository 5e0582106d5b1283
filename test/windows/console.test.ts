import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
	CC_ANY,
	FAKE_CLAUDE,
	type FakePlan,
	isAlive,
	isListening,
	npmShim,
	Sandbox,
	until,
} from "../support/processes.ts";
import { Terminal } from "../support/terminal.ts";

// Ctrl-C and the end of a window in a console of Windows. Under Wine, this file runs in Node of Linux: Wine gives the programs of a
// Unix terminal a console, and has no ConPTY. scripts/test-windows.mjs says how to start it.
const wine: { node: string; environment: Record<string, string> } | undefined =
	process.env["CC_ANY_WINE_CONSOLE"] && JSON.parse(process.env["CC_ANY_WINE_CONSOLE"]);
const isWindows = process.platform === "win32" && process.env["CC_ANY_WINE"] !== "1";

/** How a program of Windows names a file of this system. */
const windowsPath = (path: string): string => (wine ? `Z:${path.replaceAll("/", "\\")}` : path);

let sandbox: Sandbox;
let screen: Terminal;

function open(plan: FakePlan): void {
	const words = [windowsPath(CC_ANY), "--profile", "demo", "--claude", windowsPath(sandbox.path("bin/claude.cmd"))];
	if (!wine) {
		screen = new Terminal(process.execPath, words, sandbox.path("work"), sandbox.environment(plan));
		return;
	}
	const environment = {
		...wine.environment,
		XDG_STATE_HOME: windowsPath(sandbox.path("state")),
		FAKE_CLAUDE: JSON.stringify({ ...plan, report: windowsPath(sandbox.report) }),
	};
	screen = new Terminal("wine", [wine.node, ...words], sandbox.path("work"), environment);
}

/** A file that the fake reported, by its name on this system. */
function isThere(path: string | undefined): boolean {
	if (path === undefined) throw new Error("the fake saw no settings file");
	const drive = join(wine?.environment["WINEPREFIX"] ?? "", "drive_c");
	return existsSync(wine ? path.replace(/^C:/, drive).replaceAll("\\", "/") : path);
}

/** The process number is Wine's own, so there it is found by its arguments. */
function isFakeAlive(pid: number): boolean {
	return wine
		? execFileSync("ps", ["-eo", "args"], { encoding: "utf8" }).includes(basename(sandbox.root))
		: isAlive(pid);
}

describe.skipIf(!wine && !isWindows)("in a console of Windows", () => {
	beforeEach(() => {
		sandbox = new Sandbox();
		if (!wine) return;
		copyFileSync(FAKE_CLAUDE, sandbox.path("bin/fake.mjs"));
		writeFileSync(sandbox.path("bin/claude.cmd"), npmShim("fake.mjs"));
	});
	afterEach(() => {
		screen.kill();
		sandbox.close();
	});

	test("Ctrl-C reaches claude once; cc-any waits for it, ends with its code, and removes the files of the run", async () => {
		open({ wait: 60_000, handle: { SIGINT: 4 } });
		const { settings, environment } = await sandbox.seen();
		expect(isThere(settings?.path)).toBe(true);
		screen.write("\x03");
		expect((await screen.ended).exitCode).toBe(4);
		expect((await sandbox.seen()).signals).toEqual(["SIGINT"]);
		expect(isThere(settings?.path)).toBe(false);
		expect(await isListening(Number(new URL(environment["ANTHROPIC_BASE_URL"] ?? "").port))).toBe(false);
	});

	test("claude may go on after Ctrl-C, and cc-any with it; the end of the window ends both", async () => {
		open({ wait: 60_000, ignore: ["SIGINT"] });
		const { pid, environment } = await sandbox.seen();
		const port = Number(new URL(environment["ANTHROPIC_BASE_URL"] ?? "").port);
		screen.write("\x03");
		await sandbox.seen(({ signals }) => signals.length > 0);
		expect([await isListening(port), isFakeAlive(pid)]).toEqual([true, true]);
		screen.hangUp();
		await until(() => (isFakeAlive(pid) ? undefined : true));
		expect(await isListening(port)).toBe(false);
	});
});
