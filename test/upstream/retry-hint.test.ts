import { describe, expect, test } from "vitest";
import { exhaustedFor, retryHint } from "../../src/upstream/failures/retry-hint.ts";

const NOW = Date.parse("2026-11-25T06:00:00Z");
const fromHeaders = (headers: Record<string, string>) => retryHint(headers, "", [], NOW);
const fromFields = (...layers: Record<string, unknown>[]) => retryHint({}, "", layers, NOW);
const fromText = (message: string) => retryHint({}, message, [], NOW);

/** In the order in which they are tried. */
const RESET_HEADERS = [
	"anthropic-ratelimit-unified-reset",
	"anthropic-ratelimit-requests-reset",
	"anthropic-ratelimit-tokens-reset",
	"anthropic-ratelimit-input-tokens-reset",
	"anthropic-ratelimit-output-tokens-reset",
	"x-ratelimit-reset-tokens-minute",
	"x-ratelimit-reset-requests-minute",
	"x-ratelimit-reset-requests",
	"x-ratelimit-reset-tokens",
	"x-ratelimit-reset",
	"ratelimit-reset",
];

describe("headers", () => {
	test.each(RESET_HEADERS)("%s names the reset, unless its limit has something left", (name) => {
		const remaining = name.replace("reset", "remaining");
		expect(fromHeaders({ [name]: "20s" })).toBe(20);
		expect(fromHeaders({ [name]: "20s", [remaining]: "0" })).toBe(20);
		for (const unlimited of ["-1", "", "unlimited"]) {
			expect(fromHeaders({ [name]: "20s", [remaining]: unlimited })).toBeUndefined();
			expect(exhaustedFor({ [name]: "20s", [remaining]: unlimited }, NOW)).toBeUndefined();
		}
		expect(fromHeaders({ [name]: "20s", [remaining]: "1" })).toBeUndefined();
		expect(exhaustedFor({ [name]: "20s", [remaining]: "0" }, NOW)).toBe(20);
		expect(exhaustedFor({ [name]: "20s", [remaining]: "1" }, NOW)).toBeUndefined();
		expect(exhaustedFor({ [name]: "20s" }, NOW)).toBeUndefined();
	});

	test("the first of several counts, and any other header of the kind comes last", () => {
		const all = Object.fromEntries(RESET_HEADERS.map((name, index) => [name, `${index + 1}s`]));
		expect(fromHeaders(all)).toBe(1);
		for (const [index, name] of RESET_HEADERS.entries()) {
			expect(fromHeaders({ "x-rate-limit-reset": "99s", ...all })).toBe(index + 1);
			delete all[name];
		}
		for (const name of ["x-rate-limit-reset", "x-ratelimit-reset-requests-day", "ratelimit-tokens-reset"])
			expect(fromHeaders({ [name]: "99s" })).toBe(99);
		expect(fromHeaders({ "my-ratelimit-reset": "99s" })).toBeUndefined();
	});

	test("retry-after-ms counts more than retry-after, and this more than a reset", () => {
		const reset = { "x-ratelimit-reset": "30" };
		expect(fromHeaders({ "retry-after-ms": "1500", "retry-after": "7", ...reset })).toBe(1.5);
		expect(fromHeaders({ "retry-after": "7", ...reset })).toBe(7);
		expect(fromHeaders({ "retry-after-ms": "x", "retry-after": "7", ...reset })).toBe(7);
		expect(fromHeaders({ "retry-after-ms": "-5", "retry-after": "7" })).toBe(7);
		expect(fromHeaders({ "retry-after-ms": "1" })).toBe(0.001);
		expect(fromHeaders({ "retry-after-ms": "0" })).toBe(0.25);
	});

	test.each(["0", "00", "0.0", "0s", " 0 "])("retry-after: %j waits a quarter of a second", (value) => {
		expect(fromHeaders({ "retry-after": value, "x-ratelimit-reset": "30" })).toBe(0.25);
	});

	test.each(["-1", "soon", "0x", ""])("retry-after: %j says nothing", (value) => {
		expect(fromHeaders({ "retry-after": value })).toBeUndefined();
	});

	test("a wait of 32 days is the longest", () => {
		expect(fromHeaders({ "retry-after": String(32 * 86_400) })).toBe(2_764_800);
		expect(fromHeaders({ "retry-after": String(32 * 86_400 + 1) })).toBeUndefined();
	});

	test.each([
		["seconds since 1970", String(NOW / 1000 + 30), 30],
		["milliseconds since 1970", String(NOW + 30_000), 30],
		["the smallest number that is a time, which is over", "1000000000", undefined],
		["the smallest number of milliseconds, which is over", "1000000000000", undefined],
		["a larger number than any wait, but no time", "999999999", undefined],
		["a time that is over", "Wed, 25 Nov 2026 05:59:00 GMT", undefined],
		["a time in RFC 3339", "2026-11-25T07:00:00+01:00", undefined],
		["a later one", "2026-11-25T07:00:10+01:00", 10],
	])("%s: %s", (_name, value, expected) => {
		expect(fromHeaders({ "x-ratelimit-reset": value })).toBe(expected);
	});
});

describe("fields of the body", () => {
	const WAIT_FIELDS = [
		"retryDelay",
		"retry_after",
		"retry_after_seconds",
		"retryAfter",
		"retryAfterSeconds",
		"resets_in_seconds",
		"reset_in_seconds",
		"quotaResetDelay",
		"resets_at",
		"reset_at",
		"resetsAt",
	];

	test.each(WAIT_FIELDS)("%s names the wait", (name) => {
		expect(fromFields({ [name]: 12 })).toBe(12);
		expect(fromFields({}, { [name]: "12.5s" })).toBe(12.5);
		expect(fromFields({ [name]: NOW / 1000 + 5 })).toBe(5);
		expect(fromFields({ [name]: true })).toBeUndefined();
		expect(retryHint({}, "try again in 3s", [{ [name]: 12 }], NOW)).toBe(12);
		expect(retryHint({ "retry-after": "7" }, "", [{ [name]: 12 }], NOW)).toBe(7);
	});

	test("in this order, whatever object has them", () => {
		const layers = WAIT_FIELDS.map((name, index) => ({ [name]: index + 1 }));
		for (let first = 0; first < layers.length; first++)
			expect(fromFields(...layers.slice(first).reverse())).toBe(first + 1);
	});

	test("headers that are quoted there come after the fields, and before the text", () => {
		const quoted = { headers: { "X-RateLimit-Reset": 9, "Retry-After": null } };
		expect(fromFields(quoted)).toBe(9);
		expect(fromFields(quoted, { retry_after: 4 })).toBe(4);
		expect(retryHint({}, "try again in 3s", [quoted], NOW)).toBe(9);
		expect(fromFields({ headers: { "Retry-After": "6" } })).toBe(6);
	});
});

describe("the text of the message", () => {
	test.each([
		["try again in 250ms", 0.25],
		["try again in 250 milliseconds", 0.25],
		["retry after 5 sec", 5],
		["retry after 5 secs", 5],
		["Retry after 1 second", 1],
		["wait 2 min", 120],
		["wait for 2 mins", 120],
		["wait at least 1 minute", 60],
		["available again in 3 hrs", 10_800],
		["resets in 3 hours", 10_800],
		["resets in 1h", 3600],
		["resets within 2 days", 172_800],
		["reset in 1 day", 86_400],
		["resets in 2d", 172_800],
		["retry: 8", 8],
		["try again in about 1 hour and 2 minutes.", 3720],
		["try again in 1d2h3m4.5s", 93_784.5],
		["try again in 2 minutes or later", 120],
		["500毫秒后重试", 0.5],
		["请在 30 秒后重试", 30],
		["5分钟之后再试", 300],
		["2小时内", 7200],
		["3天后恢复", 259_200],
		["3天", undefined],
	])("%s", (message, expected) => {
		if (expected === undefined) expect(fromText(message)).toBeUndefined();
		else expect(fromText(message)).toBeCloseTo(expected, 6);
	});

	test.each([
		["the limit resets at 2026-11-25 06:10:00", 600],
		["the limit resets at 2026-11-25T06:10", 600],
		["until 2026-11-25 06:10:00Z", 600],
		["until 2026-11-25T08:10:00+02:00", 600],
		["until 2026-11-25T04:10:00-0200", 600],
		["额度将在 2026-11-25 14:10:00 重置", 600],
		["额度将在 2026-11-25 06:10:00Z 重置", 600],
		["until 2026-11-25 05:10:00", undefined],
		["seen on 2026-11-25 06:10:00", undefined],
		["until tomorrow", undefined],
	])("%s", (message, expected) => {
		expect(fromText(message)).toBe(expected);
	});
});
