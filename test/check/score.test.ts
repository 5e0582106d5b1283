import { describe, expect, test } from "vitest";
import { degradesAt, type LoopTurn } from "../../src/check/loop/run-loop.ts";
import { differenceByChance, rateOf } from "../../src/check/run/rate.ts";
import type { ProbeResult, Trial } from "../../src/check/run/run-checks.ts";
import { overBudget } from "../../src/check/run/run-checks.ts";
import { overallOf, scoreOf } from "../../src/check/run/score.ts";

describe("rates", () => {
	// Published values of the Wilson interval, 95 %.
	test.each([
		[8, 10, 0.4902, 0.9433],
		[0, 10, 0, 0.2775],
		[10, 10, 0.7225, 1],
		[81, 263, 0.2553, 0.3662],
	])("%i of %i", (passed, runs, low, high) => {
		const rate = rateOf(passed, runs);
		expect(rate.low).toBeCloseTo(low, 3);
		expect(rate.high).toBeCloseTo(high, 3);
	});

	test("no runs say nothing", () => {
		expect(rateOf(0, 0)).toMatchObject({ low: 0, high: 1 });
	});

	// Fisher's tea taster, and a table of his twins.
	test.each([
		[3, 4, 1, 4, 0.4857],
		[10, 13, 2, 17, 0.000537],
		[3, 3, 0, 3, 0.1],
		[5, 5, 5, 5, 1],
	])("%i of %i against %i of %i by chance", (passed, runs, otherPassed, otherRuns, chance) => {
		expect(differenceByChance(rateOf(passed, runs), rateOf(otherPassed, otherRuns))).toBeCloseTo(chance, 4);
	});
});

const trial = (changes: Partial<Trial> = {}): Trial => ({
	passed: true,
	raw: true,
	repairs: [],
	survived: [],
	divergences: [],
	detail: "fine",
	duration: 1,
	...changes,
});
const result = (name: string, weight: number, trials: Trial[]): ProbeResult => ({ name, claim: name, weight, trials });

describe("scores", () => {
	test("weights count, skipped probes do not", () => {
		const score = scoreOf([
			result("heavy", 3, [trial(), trial()]),
			result("light", 1, [trial({ passed: false, raw: false }), trial({ raw: false, repairs: ["tool-input"] })]),
			{ ...result("skipped", 3, []), skipped: "no vision" },
		]);
		expect(score).toMatchObject({ raw: 0.75, repaired: 0.875, grade: "B" });
	});

	test("a failure is reported as its outage, else as its repair, else as the claim", () => {
		const bad = { passed: false, raw: false };
		const { findings } = scoreOf([
			result("one", 1, [trial({ ...bad, failure: "overloaded", repairs: ["retry"] }), trial()]),
			result("two", 1, [trial({ ...bad, repairs: ["tool-input"] }), trial({ raw: false, repairs: ["tool-input"] })]),
			result("three", 1, [trial({ ...bad, detail: "wrong" }), trial()]),
		]);
		const reported = findings.map(({ name, type, seen, runs, failed }) => ({ name, type, seen, runs, failed }));
		expect(reported).toEqual(
			expect.arrayContaining([
				{ name: "unavailable: overloaded", type: "outage", seen: 1, runs: 2, failed: 1 },
				{ name: "tool-input", type: "repair", seen: 2, runs: 2, failed: 1 },
				{ name: "three", type: "claim", seen: 1, runs: 2, failed: 1 },
			]),
		);
		expect(reported).toHaveLength(3);
	});

	test("figures are medians of the trials", () => {
		const values = [3, 9, 1, 5].map((value) => trial({ figures: { "first token ms": value } }));
		expect(scoreOf([result("one", 1, values)]).probes[0]?.figures).toEqual({ "first token ms": 4 });
	});
});

test("a budget lasts until it is spent to the cent; an unknown cost cannot keep one", () => {
	expect(overBudget(0.49, 0.5)).toBeUndefined();
	expect(overBudget(0.5, 0.5)).toContain("$0.50");
	expect(overBudget(0.51, 0.5)).toContain("$0.50");
	expect(overBudget(undefined, 0.5)).toContain("unknown");
	expect(overBudget(1000, undefined)).toBeUndefined();
	expect(overBudget(undefined, undefined)).toBeUndefined();
});

test.each([
	[0.95, "A"],
	[0.9499, "B"],
	[0.85, "B"],
	[0.8499, "C"],
	[0.7, "C"],
	[0.6999, "D"],
	[0.5, "D"],
	[0.4999, "F"],
	[0, "F"],
])("a share of %d is grade %s", (share, grade) => {
	const rate = { passed: 1, runs: 1, share, low: 0, high: 1 };
	const probe = { name: "p", claim: "c", weight: 1, raw: rate, repaired: rate, detail: "", figures: {} };
	expect(overallOf([probe]).grade).toBe(grade);
});

test("a loop degrades where fewer than eight of ten turns in a row are right", () => {
	const turns = (pattern: string) =>
		[...pattern].map((mark, index): LoopTurn => {
			const calls = [mark === "+" ? ("right" as const) : ("wrong" as const)];
			return { turn: index + 1, calls, repairs: [], duration: 1, inputTokens: 1 };
		});
	expect(degradesAt(turns("+".repeat(9)))).toBeUndefined();
	expect(degradesAt(turns("-".repeat(9)))).toBeUndefined();
	expect(degradesAt(turns("++-++-++++"))).toBeUndefined();
	expect(degradesAt(turns("++-++-+++-"))).toBe(3);
	expect(degradesAt(turns(`${"+".repeat(20)}---${"+".repeat(7)}`))).toBe(21);
});
