import { describe, expect, test } from "vitest";
import { exitSummary } from "../../src/cli/commands/run/exit-summary.ts";
import { duration, tokens } from "../../src/platform/figures.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { summarise } from "../../src/trace/store/summarise.ts";

const divergence = (kind: string) => ({ kind, where: "", seen: "", done: "" });

function record(more: Partial<ExchangeRecord>): ExchangeRecord {
	return { purpose: "main", profile: "p", servedModel: "m", status: 200, divergences: [], ...more } as ExchangeRecord;
}

const RECORDS = [
	record({
		usage: { input_tokens: 100, cache_read_input_tokens: 300, output_tokens: 50 },
		cost: 0.25,
		firstToken: 900,
	}),
	record({
		usage: { input_tokens: 600, output_tokens: 1200 },
		firstToken: 8200,
		divergences: [
			"retry",
			"retry",
			"fallback",
			"leaked-tool-call",
			"later-system",
			"empty-text",
			"leaked-tool-call",
		].map(divergence),
	}),
	record({ servedModel: "small", purpose: "title", status: 400, failure: "auth: no key" }),
	record({ purpose: "count", servedModel: "" }),
];

test("adds up a session", () => {
	expect(summarise(RECORDS)).toEqual({
		requests: 3,
		models: ["p/m", "p/small"],
		inputTokens: 1000,
		outputTokens: 1250,
		uncounted: 1,
		cachedTokens: 300,
		cost: 0.25,
		unpriced: 1,
		slowestFirstToken: 8200,
		repairs: { "leaked-tool-call": 2, "empty-text": 1 },
		retries: 2,
		fallbacks: 1,
		returns: 0,
		failures: 1,
		prefixBreaks: 0,
	});
});

describe("the exit summary", () => {
	test("at most four lines", () => {
		expect(exitSummary(summarise(RECORDS), "20260101-120000-abcd")).toBe(
			[
				"cc-any: 3 requests to p/m, p/small · 1.0k tokens in (30 % cached), 1.3k out · $0.25 and 1 of unknown price · slowest first token 8.2 s",
				"        2 retries · 1 fallback · 1 failure",
				"        3 repairs: 2 leaked-tool-call, 1 empty-text",
				"        more: cc-any trace explain 20260101-120000-abcd",
				"",
			].join("\n"),
		);
	});

	test("two lines when all went well; nothing without requests", () => {
		const [, ...lines] = exitSummary(summarise(RECORDS.slice(0, 1)), "s", "cc-any --resume x").split("\n");
		expect(lines).toEqual([
			"        more: cc-any trace show s",
			"        `claude --resume` does not reach this model; this command does:",
			"cc-any --resume x",
			"",
		]);
		expect(exitSummary(summarise([]), "s")).toBe("");
	});
});

test("figures", () => {
	expect([0, 999, 1000, 9940, 34_400, 999_499, 1_200_000].map(tokens)).toEqual([
		"0",
		"999",
		"1.0k",
		"9.9k",
		"34k",
		"999k",
		"1.2M",
	]);
	expect([5, 999, 8249, 245_000].map(duration)).toEqual(["5 ms", "999 ms", "8.2 s", "4 min 5 s"]);
});
