import { plainQuestion } from "../../materials/conversation.ts";
import type { Probe } from "../../probe.ts";
import { judgeText } from "../../run/judge.ts";

export const stopSequence: Probe = {
	name: "stop-sequence",
	claim: "an answer ends at the stop sequence",
	weight: 1,
	counts: ["stop-sequence"],
	async run(ask) {
		const text = "Write this line and nothing else: alpha beta </block> gamma delta";
		const answer = await ask(plainQuestion(text, { stop_sequences: ["</block>"] }));
		return judgeText(answer, /alpha beta/, /gamma|<\/block>/);
	},
};
