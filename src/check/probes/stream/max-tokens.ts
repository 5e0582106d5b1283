import { plainQuestion } from "../../materials/conversation.ts";
import type { Probe } from "../../probe.ts";
import { failed, passed } from "../../run/judge.ts";

const LIMIT = 64;
/** Tokens that a count may be off: templates close a turn with a few of their own. */
const SLACK = 8;

export const maxTokens: Probe = {
	name: "max-tokens",
	claim: "the output limit is kept, and an answer that it cuts says so",
	weight: 1,
	async run(ask) {
		const text = "Write the numbers from 1 to 300 as words, with commas between.";
		const { message, error } = await ask(plainQuestion(text, { max_tokens: LIMIT }));
		if (!message) return failed(error ?? "no answer");
		if (message.stop_reason !== "max_tokens") return failed(`stop_reason is ${message.stop_reason}`);
		const { output_tokens } = message.usage;
		return output_tokens > LIMIT + SLACK ? failed(`${output_tokens} tokens came`) : passed(`${output_tokens} tokens`);
	},
};
