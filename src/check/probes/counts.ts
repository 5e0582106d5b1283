import type { TextBlock } from "../../protocol/messages.ts";
import { inputTokens } from "../../trace/record/cost.ts";
import { plainQuestion, question } from "../materials/conversation.ts";
import type { Outcome, Probe } from "../probe.ts";
import { failed, hasUsage, passed, unknown } from "../run/judge.ts";

/** About 1000 tokens. */
const LONG_TEXT = "The quick brown fox jumps over the lazy dog. ".repeat(100);

export const usage: Probe = {
	name: "usage",
	claim: "the reply has token counts, and they grow with the request",
	weight: 2,
	requests: 2,
	async run(ask) {
		const small = await ask(plainQuestion("Say hello."));
		const large = await ask(plainQuestion(`${LONG_TEXT}\nSay hello.`));
		if (small.error ?? large.error) return failed(small.error ?? large.error ?? "");
		const [few, many] = [small, large].map(({ message }) => inputTokens(message?.usage)) as [number, number];
		const output = large.message?.usage.output_tokens ?? 0;
		const detail = `${few} and ${many} tokens in, ${output} out`;
		return few > 0 && output > 0 && many > few + 500 && many < few + 3000 ? passed(detail) : failed(detail);
	},
};

/** Claude Code decides by this count when to compact. Its reserve of the window covers an error of a quarter. */
const MAX_COUNT_ERROR = 0.25;

export const tokenCount: Probe = {
	name: "token-count",
	claim: "count_tokens is within 25 % of what the same request then uses",
	weight: 1,
	async run(ask) {
		const asked = question("What is 17 plus 25? Answer with the number alone.");
		// First the request, so that the estimate is calibrated as in any session.
		const answer = await ask(asked);
		const { message, error } = answer;
		const counted = await ask.count(asked);
		if (!hasUsage(answer)) return unknown("the provider sends no usage");
		if (!message || counted === undefined) return failed(error ?? "no count");
		const real = inputTokens(message.usage);
		const off = Math.abs(counted - real) / Math.max(1, real);
		return {
			passed: off <= MAX_COUNT_ERROR,
			detail: `${counted} counted, ${real} used`,
			figures: { "count error": off },
		};
	},
};

/** About 5000 tokens: more than the shortest prefix that providers cache. */
const RULE = "Rule: every function has one purpose, one name that describes it, and one test that fails without it. ";
const PREFIX: TextBlock = { type: "text", text: RULE.repeat(240), cache_control: { type: "ephemeral" } };

export const cacheReuse: Probe = {
	name: "cache-reuse",
	claim: "a repeated prefix is read from the cache",
	weight: 1,
	requests: 3,
	async run(ask) {
		// Some caches are written shortly after the reply, so that only the third request finds an entry.
		let outcome: Outcome = failed("not asked");
		for (const number of ["one", "two", "three"]) {
			const answer = await ask(plainQuestion(`Say ${number}.`, { system: [PREFIX] }));
			const { message, error } = answer;
			if (!message) return failed(error ?? "no answer");
			if (!hasUsage(answer)) return unknown("the provider sends no usage");
			const { cache_read_input_tokens: read = 0, input_tokens: fresh } = message.usage;
			const figures = { "cached share": read / Math.max(1, read + fresh) };
			outcome = { passed: read > 0, detail: `${read} of ${read + fresh} tokens from the cache`, figures };
			if (outcome.passed && number !== "one") break;
		}
		return outcome;
	},
};

export const servedModel: Probe = {
	name: "served-model",
	claim: "replies name the requested model",
	weight: 1,
	async run(ask) {
		const { message, error, seen } = await ask(plainQuestion("Say hello."));
		if (!message) return failed(error ?? "no answer");
		const other = seen.divergences.find(({ kind }) => kind === "other-model" || kind === "model-changed");
		return other ? failed(other.seen) : passed("the requested model, or no name");
	},
};
