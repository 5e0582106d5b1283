import { readJsonInput } from "../scanner/json-call.ts";
import { findTool, type MarkupGrammar } from "../scanner/markup-grammar.ts";

const MESSAGE = "<|message|>";
const OPENERS = ["<|start|>assistant", "<|channel|>commentary", "<|channel|>analysis"];
const CONSTRAIN = "<|constrain|>";
/** Limit for the words of a header: channel, recipient, content type. */
const MAX_WORDS = 8;

/**
 * gpt-oss: a message in the commentary channel to `functions.NAME`. The recipient comes before or after the channel.
 * Source: cookbook.openai.com/articles/openai-harmony.
 */
export const harmony: MarkupGrammar = {
	name: "harmony",
	openers: OPENERS,
	closers: ["<|call|>"],
	controlTokens: [
		...["<|start|>assistant", "<|channel|>final<|message|>", "<|channel|>commentary<|message|>"],
		...["<|end|>", "<|return|>"],
	],
	callTokens: ["<|call|>"],
	*read(input, tools) {
		let recipient = "";
		for (let words = 0; !(yield* input.literal(MESSAGE)); words++) {
			yield* input.space();
			if ((yield* input.oneOf([...OPENERS, CONSTRAIN, MESSAGE])) === MESSAGE) break;
			yield* input.space();
			const word = yield* input.name();
			if (word === "to" && (yield* input.literal("="))) recipient = yield* input.name();
			if (words > MAX_WORDS) return undefined;
		}
		const tool = findTool(recipient, tools);
		if (!tool) return undefined;
		yield* input.space();
		const call = yield* readJsonInput(input, tool.name);
		return call && [call];
	},
};
