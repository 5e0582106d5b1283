import { describe, expect, test } from "vitest";
import { failureResponse } from "../../src/proxy/replies/failure-response.ts";
import type { Failure } from "../../src/upstream/failures/classify.ts";

const CONTEXT = { profile: "test", model: "test-model" };

function answer(failure: Partial<Failure>, context: object = {}) {
	return failureResponse({ class: "transient", message: "It failed.", ...failure } as Failure, {
		...CONTEXT,
		...context,
	});
}

describe("a context overflow", () => {
	const overflow = (failure: Partial<Failure>, context: object = {}) =>
		answer({ class: "context-overflow", message: "Too long.", ...failure }, context).body.error.message;

	test.each([
		["both numbers of the provider", { tokens: 150, maximum: 100 }, {}, "prompt is too long: 150 tokens > 100 maximum"],
		["no numbers", {}, {}, "prompt is too long"],
		["no size", { maximum: 100 }, {}, "prompt is too long"],
		["no maximum", { tokens: 150 }, {}, "prompt is too long"],
		["a size below the maximum", { tokens: 90, maximum: 100 }, {}, "prompt is too long: 90 tokens > 100 maximum"],
		[
			"input and output together",
			{ tokens: 9000, maximum: 10_024, output: 2000 },
			{},
			"input length and `max_tokens` exceed context limit: 9000 + 2000 > 10024",
		],
		[
			"input that leaves too little for the output",
			{ tokens: 9001, maximum: 10_024, output: 2000 },
			{},
			"prompt is too long: 9001 tokens > 10024 maximum",
		],
		[
			"input that is too long without its output",
			{ tokens: 100, maximum: 100, output: 20 },
			{},
			"prompt is too long: 100 tokens > 100 maximum",
		],
	])("with %s", (_name, failure, context, first) => {
		expect(overflow(failure, context)).toBe(`${first}\nToo long. [test/test-model]`);
	});

	test("is answered without headers on retries", () => {
		const { headers } = answer({ class: "context-overflow", retryAfter: 5, requestId: "req_1" });
		expect(headers).toEqual({ "request-id": "req_1" });
	});
});

describe("when to ask again", () => {
	test.each([
		["rate-limit", undefined, { "x-should-retry": "true" }],
		["rate-limit", 59.2, { "retry-after": "60", "x-should-retry": "true" }],
		["rate-limit", 60, { "retry-after": "60", "x-should-retry": "true" }],
		["rate-limit", 61, { "retry-after": "61", "x-should-retry": "false" }],
		["auth", 5, { "x-should-retry": "false" }],
	] as [Failure["class"], number | undefined, object][])("%s, after %s s: %j", (name, retryAfter, headers) => {
		expect(answer({ class: name, retryAfter }).headers).toEqual(headers);
	});

	test("the message names the time, with the date when that is another day", () => {
		expect(answer({ class: "rate-limit" }).body.error.message).not.toMatch(/ until /);
		expect(answer({ class: "rate-limit", retryAfter: 0 }).body.error.message).toMatch(/ until \d\d:\d\d:\d\d \[/);
		const later = answer({ class: "rate-limit", retryAfter: 48 * 3600 }).body.error.message;
		expect(later).toMatch(/^It failed\.\n.* until \w{3} \w{3} \d\d \d{4} \d\d:\d\d \[test\/test-model\]$/);
	});

	test("the time is that after the wait", () => {
		const now = new Date();
		const later = new Date(now.getTime() + 48 * 3600 * 1000).toDateString();
		expect(answer({ class: "rate-limit", retryAfter: 48 * 3600 }).body.error.message).toContain(` until ${later} `);
	});
});
