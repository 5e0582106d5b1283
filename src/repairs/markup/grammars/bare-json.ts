import { readJsonCalls } from "../scanner/json-call.ts";
import type { MarkupCall, MarkupGrammar } from "../scanner/markup-grammar.ts";

const KEYS = ["name", "type", "function", "parameters", "arguments", "tool_call_id", "tool_name"].map(
	(key) => `"${key}"`,
);
const ENDS = ["<|eom_id|>", "<|eot_id|>", ";", ","];

/**
 * Llama and small models: one or several JSON objects of calls are the whole message. With anything else in it, the
 * message is text. Source: sglang, llama32_detector.py.
 */
export const bareJson: MarkupGrammar = {
	name: "bare-json",
	openers: ["{", "["],
	wholeMessage: true,
	*read(input, tools) {
		if ((yield* input.oneOf(["{", "["])) === "[") {
			yield* input.space();
			if (!(yield* input.literal("{"))) return undefined;
		}
		yield* input.space();
		if (!(yield* input.oneOf(KEYS))) return undefined;
		input.rewind();
		const calls: MarkupCall[] = [];
		while (!input.isExhausted) {
			const found = yield* readJsonCalls(input, tools);
			if (!found) return undefined;
			calls.push(...found);
			do yield* input.space();
			while (yield* input.oneOf(ENDS));
		}
		return calls;
	},
};
