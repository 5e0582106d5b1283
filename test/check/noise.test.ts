import { expect, test } from "vitest";
import { checkWith, keepStateApart } from "../support/check-provider.ts";

keepStateApart();

/** A generator of numbers from 0 to 1 that gives the same ones each time (Park and Miller). */
function numbers(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state * 16_807) % 2_147_483_647;
		return state / 2_147_483_647;
	};
}

test("a provider that fails one call in ten is estimated within the interval", async () => {
	const random = numbers(20_261_125);
	let failures = 0;
	const { score } = await checkWith(
		(reply) => {
			if (!reply.toolCalls || random() >= 0.1) return reply;
			failures++;
			return { text: "I would rather not." };
		},
		{ runs: 200, only: ["single-call"] },
	);
	const [probe] = score.probes;
	expect(failures).toBeGreaterThan(0);
	expect(probe?.repaired).toMatchObject({ passed: 200 - failures, runs: 200 });
	expect(probe?.repaired.low).toBeLessThan(0.9);
	expect(probe?.repaired.high).toBeGreaterThan(0.9);
});

test("a provider whose inputs are damaged one time in ten: raw tells it, the repairs make it good", async () => {
	const random = numbers(7);
	const { score } = await checkWith(
		(reply) => {
			if (!reply.toolCalls || random() >= 0.1) return reply;
			const toolCalls = reply.toolCalls.map((call) => ({
				...call,
				arguments: JSON.stringify(call.arguments).replace(/}$/, ",}"),
			}));
			return { ...reply, toolCalls };
		},
		{ runs: 200, only: ["single-call"] },
	);
	const [probe] = score.probes;
	expect(probe?.repaired.share).toBe(1);
	expect(probe?.raw.share).toBeLessThan(1);
	expect(probe?.raw.low).toBeLessThan(0.9);
	expect(probe?.raw.high).toBeGreaterThan(0.9);
});

test("the budget ends a check, and the report says so", async () => {
	const price = { input: 1000, output: 1000, cacheRead: 1000 };
	const models = {
		"test-model": { id: "test-model", maxOutput: 8192, vision: true, thinking: "toggle" as const, price },
	};
	const report = await checkWith(undefined, { runs: 5, only: ["single-call"], budget: 2, profile: { models } });
	expect(report.stopped).toContain("budget");
	expect(report.expense.cost).toBeGreaterThanOrEqual(2);
	expect(report.score.probes[0]?.repaired.runs).toBeLessThan(5);
});

test("without a price no budget can be kept: the check ends at once", async () => {
	const report = await checkWith(undefined, { runs: 5, only: ["single-call"], budget: 2 });
	expect(report.stopped).toContain("without a price the cost is unknown");
	expect(report.expense.requests).toBe(2);
});
