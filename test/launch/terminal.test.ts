import { readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CC_ANY, type FakePlan, isAlive, Sandbox } from "../support/processes.ts";
import { Terminal } from "../support/terminal.ts";

let sandbox: Sandbox;
let terminal: Terminal;

beforeEach(() => {
	sandbox = new Sandbox();
});
afterEach(() => {
	terminal.kill();
	sandbox.close();
});

function open(plan: FakePlan): Terminal {
	const environment = sandbox.environment(plan, { SAMPLE_API_KEY: "sk-sample-key" });
	const words = [CC_ANY, "--profile", sandbox.profile("http://127.0.0.1:9/v1")];
	terminal = new Terminal(process.execPath, words, sandbox.path("work"), environment);
	return terminal;
}

test("Ctrl-C in a terminal reaches claude once, and what follows is claude's decision", async () => {
	const screen = open({ wait: 60_000, ignore: ["SIGINT"], handle: { SIGTERM: 4 } });
	const { pid } = await sandbox.seen();
	screen.write("\x03");
	await sandbox.seen(({ signals }) => signals.length > 0);
	await delay(800); // longer than cc-any waits before it passes a SIGINT on that came without a terminal
	expect((await sandbox.seen()).signals).toEqual(["SIGINT"]);
	expect([screen.hasEnded, isAlive(pid)]).toEqual([false, true]);
	process.kill(screen.pid, "SIGTERM");
	expect((await screen.ended).exitCode).toBe(4);
	expect(readdirSync(sandbox.path("tmp"))).toEqual([]);
});

test("Ctrl-Z stops cc-any with claude, so that the shell is back; fg continues both", async () => {
	const plan: FakePlan = { wait: 60_000, handle: { SIGTERM: 4 } };
	const environment = sandbox.environment(plan, { SAMPLE_API_KEY: "sk-sample-key", PS1: "ready>" });
	terminal = new Terminal("/bin/bash", ["--norc", "-i"], sandbox.path("work"), environment);
	await terminal.shows("ready>");
	terminal.write(`'${process.execPath}' '${CC_ANY}' --profile '${sandbox.profile("http://127.0.0.1:9/v1")}'\r`);
	const { parent } = await sandbox.seen();
	terminal.write("\x1a");
	await terminal.shows("Stopped");
	terminal.write("fg\r");
	process.kill(parent, "SIGTERM");
	await sandbox.seen(({ signals }) => signals.includes("SIGTERM"));
	terminal.write("echo code-$?\r");
	await terminal.shows("code-4");
});

test("a closed terminal ends claude and cc-any, and no files remain", async () => {
	const screen = open({ wait: 60_000, handle: { SIGHUP: 129 } });
	const { pid } = await sandbox.seen();
	screen.hangUp();
	await screen.ended;
	expect(isAlive(pid)).toBe(false);
	expect(readdirSync(sandbox.path("tmp"))).toEqual([]);
});
