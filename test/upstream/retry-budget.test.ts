import { expect, test } from "vitest";
import { RetryBudget } from "../../src/upstream/resilience/retry-budget.ts";

function spendAll(budget: RetryBudget): number {
	let retries = 0;
	while (budget.spend()) retries++;
	return retries;
}

test("an outage does not double the traffic: after the first 20 retries, five requests earn one", () => {
	const budget = new RetryBudget();
	expect(spendAll(budget)).toBe(20);
	let retries = 0;
	for (let request = 0; request < 1000; request++) {
		budget.earn();
		retries += spendAll(budget);
	}
	expect(retries).toBeGreaterThanOrEqual(199);
	expect(retries).toBeLessThanOrEqual(200);
});

test("requests without failures do not save up more than 20", () => {
	const budget = new RetryBudget();
	for (let request = 0; request < 1000; request++) budget.earn();
	expect(spendAll(budget)).toBe(20);
});
