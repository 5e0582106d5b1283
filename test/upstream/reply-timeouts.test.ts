import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Cancellation } from "../../src/upstream/http/cancellation.ts";
import { DEFAULT_TIMEOUTS, FirstTokenTimes, IdleWatch } from "../../src/upstream/resilience/reply-timeouts.ts";

describe("how long a target may take to its first token", () => {
	const usual = 4000;
	const learnedFrom = (samples: readonly number[]) => {
		const times = new FirstTokenTimes();
		for (const ms of samples) times.observe("target", ms);
		return (configured = {}, hasFallback = true) => times.timeouts("target", configured, hasFallback).firstTokenMs;
	};

	test("with a fallback, eight times its median", () => {
		expect(learnedFrom(Array(5).fill(usual))()).toBe(8 * usual);
		expect(learnedFrom([100_000, 1, 3000, 90_000, 2])()).toBe(8 * 3000);
		expect(learnedFrom([3000, 5000, 3000, 5000, 3000, 5000])()).toBe(8 * 5000);
	});

	test("never less than 20 seconds, and never more than without samples", () => {
		expect(learnedFrom(Array(5).fill(10))()).toBe(20_000);
		expect(learnedFrom(Array(5).fill(1_000_000))()).toBe(DEFAULT_TIMEOUTS.firstTokenMs);
	});

	test("without a fallback, the default: waiting is the only choice", () => {
		expect(learnedFrom(Array(5).fill(usual))({}, false)).toBe(DEFAULT_TIMEOUTS.firstTokenMs);
	});

	test("before the fifth sample, the default", () => {
		expect(learnedFrom(Array(4).fill(usual))()).toBe(DEFAULT_TIMEOUTS.firstTokenMs);
	});

	test("the time that the profile names", () => {
		expect(learnedFrom(Array(5).fill(usual))({ firstTokenMs: 900_000 })).toBe(900_000);
	});

	test("only the latest 50 samples count", () => {
		expect(learnedFrom([...Array(50).fill(usual), ...Array(26).fill(5000)])()).toBe(8 * 5000);
		expect(learnedFrom([...Array(50).fill(usual), ...Array(24).fill(5000)])()).toBe(8 * usual);
	});

	test("another target is not concerned, and the time between tokens stays", () => {
		const times = new FirstTokenTimes();
		for (let count = 0; count < 5; count++) times.observe("target", usual);
		expect(times.timeouts("other", {}, true)).toEqual(DEFAULT_TIMEOUTS);
		expect(times.timeouts("target", { progressMs: 1 }, true)).toEqual({ firstTokenMs: 8 * usual, progressMs: 1 });
	});
});

describe("a reply that stalls", () => {
	beforeEach(() => {
		vi.useFakeTimers();
	});
	afterEach(() => {
		vi.useRealTimers();
	});
	const open = () => {
		const attempt = new Cancellation();
		return { attempt, watch: new IdleWatch({ firstTokenMs: 10_000, progressMs: 3000 }, attempt) };
	};

	test("before the first token", () => {
		const { attempt, watch } = open();
		vi.advanceTimersByTime(9999);
		expect(attempt.aborted).toBe(false);
		vi.advanceTimersByTime(1);
		expect(attempt.reason).toBe(watch.stalled);
		expect(watch.stalled?.source).toMatchObject({
			class: "stalled",
			body: expect.stringContaining("no first token for 10 s"),
		});
	});

	test("after it: each event restarts the timeout", () => {
		const { attempt, watch } = open();
		for (let event = 0; event < 5; event++) {
			watch.progress();
			vi.advanceTimersByTime(2999);
		}
		expect(attempt.aborted).toBe(false);
		vi.advanceTimersByTime(1);
		expect(watch.stalled?.message).toContain("no progress for 3 s");
	});

	test("after the finish reason the connection is closed soon, which is no failure", () => {
		const { attempt, watch } = open();
		watch.progress();
		watch.settle();
		watch.progress();
		expect(watch.settled).toBe(true);
		vi.advanceTimersByTime(1999);
		expect(attempt.aborted).toBe(false);
		vi.advanceTimersByTime(1);
		expect(attempt.aborted).toBe(true);
		expect(watch.stalled).toBeUndefined();
	});

	test("nothing is aborted after the end", () => {
		const { attempt, watch } = open();
		watch.stop();
		vi.advanceTimersByTime(60_000);
		expect(attempt.aborted).toBe(false);
	});
});

test("a process that was stopped reads what has arrived before it gives a reply up", async () => {
	const attempt = new Cancellation();
	const watch = new IdleWatch({ firstTokenMs: 300, progressMs: 300 }, attempt);
	watch.progress();
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
	await new Promise((resolve) => setTimeout(resolve, 100));
	expect(attempt.aborted).toBe(false);
	watch.progress();
	watch.stop();
});
