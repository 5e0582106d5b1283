import { plainQuestion, THINKING } from "../../materials/conversation.ts";
import type { Probe } from "../../probe.ts";
import { blocksOf, failed, judgeText } from "../../run/judge.ts";

export const thinkingOn: Probe = {
	name: "thinking-on",
	claim: "reasoning comes in its own block when it is asked for",
	weight: 1,
	needs: "thinking",
	async run(ask) {
		const answer = await ask(plainQuestion("Which is larger, 9.11 or 9.9? Answer with the number alone.", THINKING));
		const outcome = judgeText(answer, /9\.9/, /9\.11/);
		return outcome.passed && blocksOf(answer.message, "thinking").length === 0 ? failed("no thinking block") : outcome;
	},
};
