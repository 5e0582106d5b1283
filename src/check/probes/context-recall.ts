import { plainQuestion } from "../conversation.ts";
import { filler } from "../filler.ts";
import { judgeText } from "../judge.ts";
import type { Outcome, Probe } from "../probe.ts";

const SHARES = [0.1, 0.5, 0.9];

export const contextRecall: Probe = {
	name: "context-recall",
	claim: "what stands early in a window filled to 10, 50 and 90 % is found",
	weight: 2,
	needs: "context-window",
	requests: SHARES.length,
	costly: true,
	async run(ask) {
		const figures: Record<string, number> = {};
		const lost: string[] = [];
		for (const share of SHARES) {
			const window = (ask.model.contextWindow ?? 0) - (ask.model.maxOutput ?? 0);
			const text = filler(window * share, "Note: the harbour master is called Quillfeather.", 0.15);
			const answer = await ask(plainQuestion(`${text}\n\nWhat is the harbour master called? The name alone.`));
			const outcome: Outcome = judgeText(answer, /Quillfeather/i);
			figures[`recall at ${share * 100} %`] = outcome.passed ? 1 : 0;
			if (!outcome.passed) lost.push(`${share * 100} %: ${outcome.detail}`);
		}
		return { passed: lost.length === 0, detail: lost.join("; ") || "found at 10, 50 and 90 %", figures };
	},
};
