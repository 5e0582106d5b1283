import { describe, expect, test } from "vitest";
import { FAILURES, type FailureClass } from "../../src/upstream/failures/table.ts";

const rows = Object.entries(FAILURES);
describe.each(rows)("%s", (_name, policy) => {
	test("is retried here exactly when Claude Code may retry it too", () => {
		expect(policy.retries > 0).toBe(policy.clientRetries);
		// Claude Code 2.1.332 retries 408, 409, 429 and 5xx.
		expect(policy.status === 429 || policy.status >= 500).toBe(policy.clientRetries);
	});

	test("pauses of the circuit breaker grow, and only what is retried has them", () => {
		const { pausesSeconds, retries } = policy;
		expect(pausesSeconds.length > 0 && retries === 0).toBe(false);
		expect([...pausesSeconds].sort((a, b) => a - b)).toEqual(pausesSeconds);
		// The pauses before the retries of one exchange are within the 6 s that it may wait.
		expect((pausesSeconds[0] ?? 0) + (pausesSeconds[1] ?? 0)).toBeLessThanOrEqual(6);
	});
});

type Decision = "fallback" | "outage" | "mayNameWait";

test.each<[Decision, FailureClass[], FailureClass[]]>([
	[
		"fallback",
		[
			"rate-limit",
			"concurrency",
			"overloaded",
			"quota",
			"balance",
			"model-not-found",
			"transient",
			"network",
			"truncated",
		],
		["auth", "permission", "bad-request", "context-overflow", "content-filter", "deterministic", "tool-use-failed"],
	],
	[
		"outage",
		["rate-limit", "concurrency", "overloaded", "quota", "balance", "auth", "transient", "network"],
		["model-not-found", "bad-request", "context-overflow", "truncated", "tool-use-failed", "deterministic"],
	],
	[
		"mayNameWait",
		["rate-limit", "concurrency", "overloaded", "quota", "transient"],
		["balance", "auth", "bad-request", "context-overflow", "network", "truncated", "tool-use-failed"],
	],
])("%s", (decision, yes, no) => {
	for (const name of yes) expect([name, FAILURES[name][decision]]).toEqual([name, true]);
	for (const name of no) expect([name, FAILURES[name][decision]]).toEqual([name, false]);
});

test.each<FailureClass>([
	"rate-limit",
	"concurrency",
	"overloaded",
	"transient",
	"network",
	"truncated",
	"tool-use-failed",
])("%s pauses its target", (name) => {
	expect(FAILURES[name].pausesSeconds).toHaveLength(3);
});

test("every failure but an overflow, which has its own message, says what the user can do", () => {
	const target = { profile: "the-profile", model: "the-model" };
	const silent = rows.filter(([, { remedy }]) => remedy(target) === "");
	expect(silent.map(([name]) => name)).toEqual(["context-overflow"]);
});
