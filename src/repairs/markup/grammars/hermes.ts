import { callsOfText, readJsonCalls } from "../scanner/json-call.ts";
import type { MarkupGrammar } from "../scanner/markup-grammar.ts";

const OPEN = "<tool_call>";
const CLOSE = "</tool_call>";

/**
 * Qwen2.5, Qwen3 and Hermes: one JSON object in each `<tool_call>` block; the closing tag may be missing.
 * Source: sglang, qwen25_detector.py and hermes_detector.py.
 */
export const hermes: MarkupGrammar = {
	name: "hermes",
	openers: [OPEN],
	closers: [CLOSE],
	// ChatML, which Qwen and Hermes use
	controlTokens: ["<|endoftext|>", "<|im_end|>", "<|im_start|>assistant", "<|im_start|>"],
	*read(input, tools) {
		yield* input.literal(OPEN);
		yield* input.space();
		if ((yield* input.peek()) !== "{") return undefined;
		const calls = yield* readJsonCalls(input, tools);
		if (calls) return calls;
		input.rewind();
		yield* input.literal(OPEN);
		const { text, found } = yield* input.until([CLOSE]);
		return found === "" ? undefined : callsOfText(text, tools);
	},
};
