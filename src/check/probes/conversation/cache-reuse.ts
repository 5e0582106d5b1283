import type { TextBlock } from "../../../protocol/messages.ts";
import { plainQuestion } from "../../materials/conversation.ts";
import type { Outcome, Probe } from "../../probe.ts";
import { failed, hasUsage, unknown } from "../../run/judge.ts";

/** About 5000 tokens: above the least length that providers cache. */
const RULE = "Rule: every function has one purpose, one name that tells it, and one test that fails without it. ";
const PREFIX: TextBlock = { type: "text", text: RULE.repeat(240), cache_control: { type: "ephemeral" } };

export const cacheReuse: Probe = {
	name: "cache-reuse",
	claim: "a prefix that was sent before is read from the cache",
	weight: 1,
	requests: 3,
	async run(ask) {
		// Some caches are written a moment after the reply: the third request finds what the second did not.
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
