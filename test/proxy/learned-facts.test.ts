import { describe, expect, test } from "vitest";
import { targetOf } from "../../src/profile/model/profile.ts";
import type { Target } from "../../src/profile/model/target.ts";
import { adapt } from "../../src/proxy/learning/adapt.ts";
import { LearnedFacts } from "../../src/proxy/learning/learned-facts.ts";
import { factOfImage } from "../../src/proxy/learning/refused-images.ts";
import { withoutParameter } from "../../src/proxy/learning/refused-parameters.ts";
import type { Failure } from "../../src/upstream/failures/classify.ts";
import type { Limit } from "../../src/upstream/failures/limits.ts";
import type { FailureClass } from "../../src/upstream/failures/table.ts";
import { sampleProfile } from "../support/sample-profile.ts";

const endpoints = {
	"openai-chat": { baseUrl: "https://chat.test/v1" },
	"openai-responses": { baseUrl: "https://responses.test/v1" },
	gemini: { baseUrl: "https://gemini.test/v1" },
};
const target = (changes: Partial<Target> = {}): Target => ({
	...targetOf(sampleProfile({ endpoints }), "sample-large"),
	...changes,
});
const failure = (failureClass: FailureClass, more: Partial<Failure> = {}): Failure => ({
	class: failureClass,
	message: "",
	status: 400,
	...more,
});

const SENT = { body: { max_tokens: 32_000, temperature: 1, top_p: 1 }, requestChars: 40_000, toolNames: new Map() };

/** Adapts until the failure is reported; returns the targets that were asked. */
function adaptations(first: Target, refusal: Failure, learned = new LearnedFacts()): Target[] {
	const asked: Target[] = [];
	for (let current = first; asked.length < 20; ) {
		const adaptation = adapt(current, refusal, learned, {
			...SENT,
			body: { max_tokens: Math.min(current.maxOutput ?? 32_000, 32_000) },
		});
		if (!adaptation) break;
		current = adaptation.target;
		asked.push(current);
	}
	return asked;
}

describe("what a failure teaches about a target", () => {
	test("reasoning that the provider refuses is removed three times; then the failure is reported", () => {
		const asked = adaptations(target(), failure("reasoning-refused"));
		expect(asked.map(({ reasoningGeneration }) => reasoningGeneration)).toEqual([1, 2, 3]);
	});

	test("Anthropic's signatures are removed by Claude Code itself", () => {
		expect(adaptations(target({ dialect: "anthropic" }), failure("reasoning-refused"))).toEqual([]);
	});

	test("reasoning that is missing is sent back always, which can be tried once", () => {
		const asked = adaptations(target(), failure("reasoning-missing"));
		expect(asked.map(({ quirks }) => quirks.reasoningRequired)).toEqual(["always"]);
	});

	test("the output limit that the message names, once", () => {
		const learned = new LearnedFacts();
		expect(
			adaptations(target(), failure("max-tokens", { limit: { kind: "output-too-large", ceiling: 512 } }), learned),
		).toMatchObject([{ maxOutput: 512 }]);
		expect(learned.apply(target()).maxOutput).toBe(512);
		expect(adaptations(target(), failure("max-tokens"))).toEqual([]);
	});

	test.each<[string, Limit, number[], Partial<Target>]>([
		[
			"what the prompt leaves of the window",
			{ kind: "output-too-large", tokens: 10_000, window: 32_768 },
			[22_512],
			{ contextWindow: 32_768, maxOutput: 22_312 },
		],
		[
			"at most the ceiling of the model",
			{ kind: "output-too-large", tokens: 10_000, window: 32_768, ceiling: 8192 },
			[8192],
			{ contextWindow: 32_768, maxOutput: 8192 },
		],
		[
			"a plan's tokens per minute are not the window",
			{ kind: "output-too-large", tokens: 2000, window: 12_000, perMinute: true },
			[9744],
			{ contextWindow: 128_000, maxOutput: 9704 },
		],
		["what the account can afford", { kind: "cannot-afford", affordable: 8203 }, [8203], { maxOutput: 8203 }],
		["a guess, and a lower one", { kind: "output-too-large" }, [8192, 4096], { maxOutput: 4096 }],
		[
			"not with too little left",
			{ kind: "output-too-large", tokens: 31_600, window: 32_768 },
			[],
			{ contextWindow: 32_768 },
		],
		["not with too little money", { kind: "cannot-afford", affordable: 900 }, [], {}],
		["not for the prompt", { kind: "prompt-too-long", tokens: 40_000, window: 32_768 }, [], { contextWindow: 32_768 }],
		["no window of 40 tokens", { kind: "prompt-too-long", tokens: 50, window: 40 }, [], { contextWindow: 128_000 }],
		["no limit of 1 token", { kind: "output-too-large", ceiling: 1 }, [], { maxOutput: 64_000 }],
		[
			"not per minute",
			{ kind: "prompt-too-long", tokens: 5, window: 3, perMinute: true },
			[],
			{ contextWindow: 128_000 },
		],
	])("the output limit of a request that is sent again: %s", (_about, limit, expected, known) => {
		const learned = new LearnedFacts();
		let first = target({ contextWindow: 128_000, maxOutput: 64_000 });
		const asked: (number | undefined)[] = [];
		for (let max_tokens = 32_000; asked.length < 9; ) {
			const sent = { ...SENT, body: { max_tokens } };
			const failed = failure(limit.kind === "cannot-afford" ? "balance" : "context-overflow", { limit });
			const adaptation = adapt(first, failed, learned, sent);
			if (adaptation?.target.maxOutput === undefined) break;
			max_tokens = adaptation.target.maxOutput;
			first = adaptation.target;
			asked.push(max_tokens);
		}
		expect(asked).toEqual(expected);
		expect(learned.apply(target({ contextWindow: 128_000, maxOutput: 64_000 }), 40_000)).toMatchObject(known);
	});

	test("the context window that the message names: the request is not sent again", () => {
		const learned = new LearnedFacts();
		expect(
			adaptations(target(), failure("context-overflow", { limit: { kind: "prompt-too-long", window: 4096 } }), learned),
		).toEqual([]);
		expect(learned.apply(target()).contextWindow).toBe(4096);
	});

	test("all parameters that are refused one after the other", () => {
		const learned = new LearnedFacts();
		for (const parameter of ["temperature", "top_p"]) {
			const adaptation = adapt(learned.apply(target()), failure("unsupported-parameter", { parameter }), learned, SENT);
			expect(adaptation).toMatchObject({
				kind: "parameter-refused",
				data: { parameter },
				done: `sent again without ${parameter}`,
			});
		}
		expect(learned.apply(target()).quirks.refusedParameters).toEqual(["temperature", "top_p"]);
		expect(
			adapt(learned.apply(target()), failure("unsupported-parameter", { parameter: "top_p" }), learned, {
				...SENT,
				body: {},
			}),
		).toBe(undefined);
	});

	test.each([
		["the one that the message names", "only served by generateContent", "gemini"],
		["else Responses", "unsupported", "openai-responses"],
	])("the dialect: %s", (_about, message, expected) => {
		const learned = new LearnedFacts();
		const refusal = failure("wrong-dialect", { message });
		expect(adapt(target(), refusal, learned, SENT)?.target).toMatchObject({
			dialect: expected,
			baseUrl: endpoints[expected as "gemini"].baseUrl,
		});
		expect(learned.apply(target()).dialect).toBe(expected);
	});

	test("a target without another endpoint has no other dialect", () => {
		expect(adaptations(target({ alternatives: [] }), failure("wrong-dialect", { message: "responses" }))).toEqual([]);
	});

	test("the facts of one target are kept together, and concern no other", () => {
		const learned = new LearnedFacts();
		learned.learn(target(), { maxOutput: 512 }, { done: "with at most 512" });
		learned.learn(target(), { contextWindow: 4096 }, { done: "a window of 4096" });
		expect(learned.apply(target())).toMatchObject({ maxOutput: 512, contextWindow: 4096 });
		const other = target({ model: "sample-small" });
		expect(learned.apply(other)).toEqual(other);
		const elsewhere = target({ baseUrl: "https://other.test" });
		expect(learned.apply(elsewhere)).toEqual(elsewhere);
	});

	test("a fact that a request has succeeded with is not dropped when the endpoint says the same again", () => {
		const learned = new LearnedFacts();
		for (const isAnswered of [true, false]) {
			const place = target({ model: `answered: ${isAnswered}` });
			learned.learn(place, { maxOutput: 512 }, { done: "with at most 512", seen: "too many" });
			const answered = { body: { max_tokens: 500 }, inputTokens: 9, sentAt: Date.now() + 1 };
			if (isAnswered) learned.confirm(place, answered);
			learned.reject(place, "too many");
			expect(learned.apply(place).maxOutput).toBe(isAnswered ? 512 : place.maxOutput);
		}
	});

	test("of too many images the oldest are left out: what exceeds the limit, or the larger half", () => {
		const image = (number: number) => ({ type: "image_url", image_url: { url: `data:image/png;base64,${number}` } });
		const body = { messages: [{ role: "user", content: [1, 2, 3].map(image) }] };
		const leftOut = (message: string) => factOfImage(failure("unsupported-parameter", { message }), body)?.images;
		expect(leftOut("too many images")).toHaveLength(2);
		expect(leftOut("at most 2 images are allowed")).toHaveLength(1);
	});

	test.each<FailureClass>(["rate-limit", "auth", "bad-request", "content-filter", "transient"])(
		"%s: nothing",
		(name) => {
			const more = { maximum: 1, ceiling: 1, parameter: "temperature", message: "responses" };
			expect(adaptations(target(), failure(name, more))).toEqual([]);
		},
	);
});

describe("a request without one parameter", () => {
	test.each([
		["max_output_tokens", { refusedParameters: ["max_tokens"] }],
		["max_tokens", { maxTokensField: "max_completion_tokens" }],
		["parallel_tool_calls", { parallelToolCallsField: false }],
	])("%s", (parameter, quirks) => {
		const before = target();
		const asked = {
			...before,
			quirks: { ...before.quirks, maxTokensField: "max_tokens", parallelToolCallsField: true },
		} as const;
		expect(withoutParameter(asked, parameter)?.quirks).toEqual({ ...asked.quirks, ...quirks });
	});

	test.each([
		["temperature", "temperature"],
		["top_p", "top_p"],
		["top_k", "top_k"],
		["stop", "stop"],
		["max_output_tokens", "max_tokens"],
	] as const)("%s is left out, once", (parameter, name) => {
		const before = target();
		const after = withoutParameter(before, parameter);
		expect(after?.quirks.refusedParameters).toEqual([...before.quirks.refusedParameters, name]);
		expect(after && withoutParameter(after, parameter)).toBeUndefined();
	});

	test("max_tokens has another name in Chat Completions only", () => {
		const { quirks } = target();
		const asked = (changes: Partial<Target>, maxTokensField: "max_tokens" | "max_completion_tokens") =>
			withoutParameter(target({ ...changes, quirks: { ...quirks, maxTokensField } }), "max_tokens");
		expect(asked({}, "max_tokens")?.quirks.maxTokensField).toBe("max_completion_tokens");
		expect(asked({}, "max_completion_tokens")).toBeUndefined();
		expect(asked({ dialect: "openai-responses" }, "max_tokens")).toBeUndefined();
		expect(
			withoutParameter(target({ quirks: { ...quirks, parallelToolCallsField: false } }), "parallel_tool_calls"),
		).toBe(undefined);
	});

	test("include: the model does not reason", () => {
		expect(withoutParameter(target({ thinking: "toggle" }), "include")?.thinking).toBe("none");
		expect(withoutParameter(target({ thinking: "none" }), "include")).toBeUndefined();
	});

	test("a path into the fields that switch thinking on", () => {
		const { quirks } = target();
		const thinkingOn = { reasoning: { effort: "high", summary: "auto" }, enabled: true };
		const asked = target({ quirks: { ...quirks, thinkingOn } });
		const left = (parameter: string) => withoutParameter(asked, parameter)?.quirks.thinkingOn;
		expect(left("reasoning.summary")).toEqual({ reasoning: { effort: "high" }, enabled: true });
		expect(left("reasoning")).toEqual({ enabled: true });
		expect(left("reasoning.nothing")).toBeUndefined();
		expect(left("enabled.deeper")).toBeUndefined();
		expect(left("messages")).toBeUndefined();
	});
});

test.each<[FailureClass, Partial<Failure>, string, string, object | undefined]>([
	[
		"max-tokens",
		{ limit: { kind: "output-too-large", ceiling: 512 } },
		"max-tokens-learned",
		"sent again with at most 512",
		{ maxOutput: 512, outputTokens: 512 },
	],
	["reasoning-missing", {}, "reasoning-restored", "sent again with reasoning on each turn", undefined],
	["reasoning-refused", {}, "reasoning-scrubbed", "sent again without the earlier reasoning", undefined],
	["wrong-dialect", {}, "dialect-switched", "sent again over openai-responses", undefined],
	[
		"unsupported-parameter",
		{ parameter: "top_k" },
		"parameter-refused",
		"sent again without top_k",
		{ parameter: "top_k", fields: ["top_k"] },
	],
])("the record after %s", (name, more, kind, done, data) => {
	const adaptation = adapt(target(), failure(name, more), new LearnedFacts(), {
		...SENT,
		body: { ...SENT.body, top_k: 5 },
	});
	expect(adaptation).toMatchObject({ kind, done });
	expect(adaptation?.data).toEqual(data);
});

test.each([
	["use /v1/responses", "openai-responses"],
	["only chat/completions", "openai-chat"],
	["only chat completions", "openai-chat"],
	["only v1/messages", "anthropic"],
	["only the Messages API", "anthropic"],
	["only generateContent", "gemini"],
] as const)("%s names the dialect %s", (message, dialect) => {
	const dialects = ["gemini", "anthropic", "openai-chat", "openai-responses"] as const;
	const all = Object.fromEntries(dialects.map((name) => [name, { baseUrl: `https://${name}.test/v1` }]));
	const first = dialects.find((name) => name !== dialect) ?? "gemini";
	const profile = sampleProfile({ endpoints: all, dialect: first });
	const asked = { ...targetOf(profile, "sample-large"), dialect: first };
	const alternatives = dialects
		.filter((name) => name !== first)
		.map((name) => ({ ...asked, dialect: name, baseUrl: `https://${name}.test/v1` }));
	const adaptation = adapt(
		{ ...asked, alternatives } as Target,
		failure("wrong-dialect", { message }),
		new LearnedFacts(),
		SENT,
	);
	expect(adaptation?.target.dialect).toBe(dialect);
});
