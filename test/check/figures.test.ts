import { expect, test } from "vitest";
import { statedLimits } from "../../src/trace/record/meter.ts";
import { checkWith, type Defect, keepStateApart } from "../support/check-provider.ts";

keepStateApart();

async function figuresOf(probe: string, defect?: Defect): Promise<Record<string, number>> {
	const { score } = await checkWith(defect, { only: [probe], runs: 1 });
	return score.probes[0]?.figures ?? {};
}

test("rate limits are reported if the provider states them", async () => {
	const headers = {
		"x-ratelimit-limit-requests": "500",
		"x-ratelimit-remaining-tokens": "29000",
		"x-ratelimit-reset-tokens": "6m0s",
	};
	const figures = await figuresOf("requests-at-once", (reply) => ({ ...reply, headers }));
	expect(figures).toEqual({ "limit-requests": 500, "remaining-tokens": 29_000 });
	expect(await figuresOf("requests-at-once")).toEqual({});
});

test("the forms in which vendors state limits", () => {
	const stated = statedLimits({
		"anthropic-ratelimit-requests-limit": "50",
		"anthropic-ratelimit-input-tokens-remaining": "7000",
		"ratelimit-limit": "60",
		"x-ratelimit-limit-tokens-minute": "1000",
		"x-ratelimit-limit-requests": "50, 50;w=60",
		"retry-after": "7",
	});
	const expected = { "requests-limit": 50, "input-tokens-remaining": 7000, limit: 60, "limit-tokens-minute": 1000 };
	expect(stated).toEqual(expected);
	expect(statedLimits({ "content-type": "text/event-stream" })).toBeUndefined();
});

test("a stream is measured by its pieces and by its gaps", async () => {
	const even = await figuresOf("streaming");
	expect(even["reads"]).toBeGreaterThan(20);
	expect(even["largest read %"]).toBeLessThan(30);
	// Half of the answer in one lump: what has no blank is one piece.
	const lump: Defect = (reply) => {
		const words = reply.text?.split(" ") ?? [];
		const middle = words.length / 2;
		const text = [...words.slice(0, middle), words.slice(middle).join("-")].join(" ");
		return words.length > 50 ? { ...reply, text } : reply;
	};
	expect((await figuresOf("streaming", lump))["largest read %"]).toBeGreaterThan(45);
});
