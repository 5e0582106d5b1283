import { plainQuestion } from "../materials/conversation.ts";
import type { Probe } from "../probe.ts";
import { failed, judgeText, passed } from "../run/judge.ts";

const MAX_TOKENS = 64;
/** Chat templates close a turn with a few tokens of their own. */
const SLACK_TOKENS = 8;

export const maxTokens: Probe = {
	name: "max-tokens",
	claim: "the output limit is respected, and a truncated answer has the stop reason max_tokens",
	weight: 1,
	async run(ask) {
		const text = "Write the numbers from 1 to 300 as words, with commas between.";
		const { message, error } = await ask(plainQuestion(text, { max_tokens: MAX_TOKENS }));
		if (!message) return failed(error ?? "no answer");
		if (message.stop_reason !== "max_tokens") return failed(`stop_reason is ${message.stop_reason}`);
		const { output_tokens } = message.usage;
		return output_tokens > MAX_TOKENS + SLACK_TOKENS
			? failed(`${output_tokens} tokens came`)
			: passed(`${output_tokens} tokens`);
	},
};

export const stopSequence: Probe = {
	name: "stop-sequence",
	claim: "an answer ends at the stop sequence",
	weight: 1,
	// Where the profile says that the endpoint refuses `stop`.
	counts: ["stop-sequence"],
	async run(ask) {
		const text = "Write this line and nothing else: alpha beta </block> gamma delta";
		const answer = await ask(plainQuestion(text, { stop_sequences: ["</block>"] }));
		return judgeText(answer, /alpha beta/, /gamma|<\/block>/);
	},
};
