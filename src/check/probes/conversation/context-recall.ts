import type { Model } from "../../../profile/model/profile.ts";
import { inputTokens } from "../../../trace/record/cost.ts";
import { plainQuestion } from "../../materials/conversation.ts";
import { FEWEST_PER_TOKEN, filler } from "../../materials/filler.ts";
import type { Probe } from "../../probe.ts";
import { hasUsage, judgeText } from "../../run/judge.ts";

const SHARES = [0.1, 0.5, 0.9];
/** Tokens of an answer and its reasoning, where the model's own limit would leave no room for a question. */
const ANSWER = 4096;

export const contextRecall: Probe = {
	name: "context-recall",
	claim: "what stands early in a window filled to 10, 50 and 90 % is found",
	weight: 2,
	needs: "context-window",
	requests: SHARES.length,
	costly: true,
	async run(ask) {
		const room = roomOf(ask.model);
		const figures: Record<string, number> = {};
		const lost: string[] = [];
		let density = FEWEST_PER_TOKEN;
		for (const share of SHARES) {
			const text = filler(room * share * density, "Note: the harbour master is called Quillfeather.", 0.15);
			const answer = await ask(plainQuestion(`${text}\n\nWhat is the harbour master called? The name alone.`));
			const { passed, detail } = judgeText(answer, /Quillfeather/i);
			const used = hasUsage(answer) ? inputTokens(answer.message?.usage) : 0;
			const name = `${share * 100} %`;
			figures[`at ${name}`] = passed ? 1 : 0;
			if (used > 0) figures[`tokens at ${name}`] = used;
			// What the provider counted tells how long the next text has to be.
			if (used > 0 && passed) density = text.length / used;
			if (!passed) lost.push(`${name}: ${detail}`);
		}
		return { passed: lost.length === 0, detail: lost.join("; ") || "found at 10, 50 and 90 %", figures };
	},
};

/** Tokens that fit beside the answer. Some models may answer with the whole window: then beside a short answer. */
function roomOf({ contextWindow = 0, maxOutput = ANSWER }: Model): number {
	return maxOutput <= contextWindow / 2
		? contextWindow - maxOutput
		: contextWindow - Math.min(ANSWER, contextWindow / 2);
}
