import { describe, expect, test } from "vitest";
import { targetOf } from "../../src/profile/model/profile.ts";
import type { Target } from "../../src/profile/model/target.ts";
import { estimateTokens } from "../../src/protocol/count-tokens.ts";
import type { Divergence } from "../../src/protocol/divergence.ts";
import type { MessageRequest, Usage } from "../../src/protocol/messages.ts";
import { noteSilentTruncation, TokenCalibration } from "../../src/proxy/delivery/token-counts.ts";
import { sampleProfile } from "../support/sample-profile.ts";

const target = (changes: Partial<Target> = {}): Target => ({
	...targetOf(sampleProfile(), "sample-large"),
	...changes,
});
const request = (chars: number): MessageRequest => ({
	model: "sample-large",
	max_tokens: 1,
	messages: [{ role: "user", content: "word ".repeat(chars / 5) }],
});

describe("a conversation that the provider truncated silently", () => {
	const noted = (chars: number, usage: Partial<Usage>, changes: Partial<Target> = {}) => {
		const notes: Divergence[] = [];
		const asked = request(chars);
		noteSilentTruncation(target(changes), asked, usage, JSON.stringify(asked).length, (note) => notes.push(note));
		return notes.map(({ kind, seen, where, done }) => {
			expect([where, done]).toEqual(["response.usage", "recorded: the model may not have seen the whole conversation"]);
			return { kind, seen };
		});
	};

	test("fewer tokens than a tenth of its characters", () => {
		expect(noted(50_000, { input_tokens: 4999 })).toEqual([
			{ kind: "silent-cut", seen: "4999 tokens counted for 50000 characters" },
		]);
		expect(noted(50_000, { input_tokens: 5000 })).toEqual([]);
	});

	test("a short text proves nothing", () => {
		expect(noted(40_000, { input_tokens: 10 })).toHaveLength(1);
		expect(noted(39_995, { input_tokens: 10 })).toEqual([]);
	});

	test("cached tokens were read too", () => {
		expect(noted(50_000, { input_tokens: 1000, cache_read_input_tokens: 4000 })).toEqual([]);
		expect(noted(50_000, { input_tokens: 1000, cache_creation_input_tokens: 4000 })).toEqual([]);
	});

	test("more tokens than the window holds", () => {
		const usage = { input_tokens: 100_001 };
		expect(noted(500_000, usage, { contextWindow: 100_000 })).toEqual([
			{ kind: "silent-cut", seen: "100001 tokens counted, for a window of 100000" },
		]);
		expect(noted(500_000, { input_tokens: 100_000 }, { contextWindow: 100_000 })).toEqual([]);
		expect(noted(500_000, usage, { contextWindow: undefined })).toEqual([]);
	});

	test("a count that cc-any estimated, or that is missing, proves nothing", () => {
		expect(noted(50_000, { input_tokens: 10, estimated: true })).toEqual([]);
		expect(noted(50_000, {})).toEqual([]);
	});
});

describe("the estimate of tokens", () => {
	const asked = request(500);
	const sample = request(5000);

	/** The estimate after the provider counted the sample request, compared with the estimate without it. */
	async function correction(
		usage: (estimated: number) => Partial<Usage>,
		observed = target(),
		counted = target(),
	): Promise<number> {
		const calibration = new TokenCalibration();
		calibration.observe(observed, sample, usage(await estimateTokens(sample)));
		return (await calibration.estimate(counted, asked)) / (await estimateTokens(asked));
	}

	test.each([0.6, 1, 1.5, 1.95])("is corrected by the model's own ratio: %d", async (ratio) => {
		const usage = (estimated: number) => ({ input_tokens: estimated * ratio });
		expect(await correction(usage)).toBeCloseTo(ratio, 1);
	});

	test.each([0.01, 0.49, 2.01, 30])("an implausible ratio is ignored: %d", async (ratio) => {
		expect(await correction((estimated) => ({ input_tokens: estimated * ratio }))).toBe(1);
	});

	test("cached tokens count", async () => {
		const usage = (estimated: number) => ({
			input_tokens: estimated * 0.5,
			cache_read_input_tokens: estimated * 0.5,
			cache_creation_input_tokens: estimated * 0.5,
		});
		expect(await correction(usage)).toBeCloseTo(1.5, 1);
	});

	test("counts that cc-any estimated teach nothing, nor does a missing one", async () => {
		expect(await correction((estimated) => ({ input_tokens: estimated * 1.5, estimated: true }))).toBe(1);
		expect(await correction(() => ({}))).toBe(1);
	});

	test("another model or endpoint is not concerned", async () => {
		const usage = (estimated: number) => ({ input_tokens: estimated * 1.5 });
		expect(await correction(usage, target(), target({ model: "sample-small" }))).toBe(1);
		expect(await correction(usage, target(), target({ baseUrl: "https://other.test/v1" }))).toBe(1);
	});

	test("the latest count is used", async () => {
		const calibration = new TokenCalibration();
		const estimated = await estimateTokens(sample);
		calibration.observe(target(), sample, { input_tokens: estimated * 1.8 });
		await calibration.estimate(target(), asked);
		calibration.observe(target(), sample, { input_tokens: estimated * 1.2 });
		const ratio = (await calibration.estimate(target(), asked)) / (await estimateTokens(asked));
		expect(ratio).toBeCloseTo(1.2, 1);
	});
});
