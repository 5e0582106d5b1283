import { expect, test } from "vitest";
import { costOf } from "../../src/trace/record/cost.ts";
import { Pace } from "../../src/trace/record/pace.ts";
import { RecordedLines } from "../../src/trace/viewer/recorded-lines.ts";

function paceOf(times: readonly number[]): Pace {
	const pace = new Pace();
	for (const time of times) pace.mark(time);
	return pace;
}

const every = (step: number, count: number) => Array.from({ length: count }, (_, index) => index * step);

test("fewer than 128 reads are all marked", () => {
	expect(paceOf(every(10, 127)).marks).toEqual(every(10, 127));
});

test("the marks of a long reply are thinned evenly, and never reach 128", () => {
	expect(paceOf(every(10, 128)).marks).toEqual(every(20, 64));
	expect(paceOf(every(10, 130)).marks).toEqual(every(20, 65));
	for (const count of [1000, 10_000, 54_321]) {
		const { marks } = paceOf(every(10, count));
		const [first = -1, second = -1] = marks;
		expect(first).toBe(0);
		expect(marks).toEqual(every(second, marks.length));
		expect(marks.length).toBeGreaterThanOrEqual(64);
		expect(marks.length).toBeLessThan(128);
		expect(count * 10 - (marks.at(-1) ?? 0)).toBeLessThanOrEqual(2 * second);
	}
});

test("several deltas of one read are one mark", () => {
	expect(paceOf([0, 0, 5, 5, 5]).marks).toEqual([0, 5]);
});

test("burstiness: 0 for a steady stream, above 1 for bursts, unknown with fewer than three gaps", () => {
	expect(paceOf([0, 10, 20]).burstiness).toBeUndefined();
	expect(paceOf([0, 10, 20, 30]).burstiness).toBe(0);
	// Gaps of 1, 1, 1 and 97: mean 25, standard deviation 41.57.
	expect(paceOf([0, 1, 2, 3, 100]).burstiness).toBeCloseTo(1.6628, 3);
});

test("a cost counts each kind of token at its own price, and is unknown without a price that it needs", () => {
	const usage = {
		input_tokens: 1_000_000,
		output_tokens: 100_000,
		cache_read_input_tokens: 10_000_000,
		cache_creation_input_tokens: 2_000_000,
	};
	expect(costOf(usage, { input: 2, output: 10, cacheRead: 0.5, cacheWrite: 3 })).toBeCloseTo(2 + 1 + 5 + 6, 9);
	expect(costOf(usage, { input: 2, output: 10, cacheRead: 0.5 })).toBeUndefined();
	expect(costOf({ input_tokens: 5, output_tokens: 0 }, { input: 2 })).toBeCloseTo(0.00001, 9);
	expect(costOf(undefined, { input: 2 })).toBeUndefined();
	const above = [
		{ tokens: 200, input: 4, cacheRead: 1 },
		{ tokens: 500, input: 8, cacheRead: 2 },
	];
	const long = (cached: number) => costOf({ input_tokens: 100, cache_read_input_tokens: cached }, { input: 2, above });
	expect([long(0), long(101), long(400), long(401)].map((cost) => cost && Math.round(cost * 1e6))).toEqual([
		200, 501, 800, 1602,
	]);
	expect(long(100)).toBeUndefined();
});

test("the viewer sends at most 500 lines at once", () => {
	const reads = Array.from({ length: 1200 }, (_, index): [number, number] => [index, 1]);
	const events = reads.map(() => ({ type: "ping" }) as const);
	const lines = new RecordedLines({
		reply: { bytes: Buffer.from("x".repeat(1200)), isStream: true },
		reads,
		events,
		eventReads: reads.map(([time]) => time),
	} as unknown as ConstructorParameters<typeof RecordedLines>[0]);
	expect(lines.frames(0, 10_000)).toHaveLength(500);
	expect(lines.events(100, 10_000)).toHaveLength(500);
	expect(lines.events(100, 10_000).at(-1)?.read).toBe(599);
	expect(lines.frames(1190, 500)).toHaveLength(10);
});
