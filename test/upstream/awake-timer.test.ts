import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { AwakeTimer } from "../../src/upstream/resilience/awake-timer.ts";

/** As long as this process is stopped by a SIGSTOP, or by the sleep of its computer. */
const sleep = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

function open(ms: number) {
	const due: number[] = [];
	const timer = new AwakeTimer(ms, () => due.push(performance.now()));
	return { due, timer };
}

test("the time in which the process was asleep does not count", async () => {
	const { due } = open(300);
	await delay(100);
	sleep(1500);
	await delay(150);
	expect(due).toEqual([]);
	await expect.poll(() => due.length, { timeout: 1000 }).toBe(1);
});

test("a delay of the event loop counts", async () => {
	const { due } = open(200);
	sleep(400);
	await delay(50);
	expect(due).toHaveLength(1);
});

test("refreshed, it begins again; stopped, it is never due", async () => {
	const { due, timer } = open(200);
	await delay(150);
	timer.refresh();
	await delay(150);
	expect(due).toEqual([]);
	timer.stop();
	await delay(150);
	expect(due).toEqual([]);
});
