import { plainQuestion } from "../../materials/conversation.ts";
import type { Probe } from "../../probe.ts";
import { blocksOf, failed, judgeText } from "../../run/judge.ts";

export const thinkingOff: Probe = {
	name: "thinking-off",
	claim: "no reasoning comes when it is switched off",
	weight: 1,
	needs: "thinking-toggle",
	async run(ask) {
		const off = plainQuestion("Which is larger, 9.11 or 9.9? Answer with the number alone.");
		const answer = await ask({ ...off, thinking: { type: "disabled" } });
		return blocksOf(answer.message, "thinking").length > 0 ? failed("a thinking block came") : judgeText(answer, /\S/);
	},
};
