import { readJsonCalls } from "../scanner/json-call.ts";
import type { MarkupCall, MarkupGrammar } from "../scanner/markup-grammar.ts";
import type { MarkupInput, Reading } from "../scanner/markup-input.ts";

const KEYS = ["name", "type", "function", "parameters", "arguments", "tool_call_id", "tool_name"].map(
	(key) => `"${key}"`,
);
/** Qwen2.5-Coder writes its calls in a code block. Source: vllm-project/vllm#32926, ollama/ollama#16821. */
const FENCES = ["```", "```json"];
/** What may come between two calls and after the last one. */
const BETWEEN = ["<|eom_id|>", "<|eot_id|>", ";", ",", ...FENCES];

/**
 * Llama and small models: one or several JSON objects of calls are the whole message. With anything else in it, the
 * message is text. Source: sglang, llama32_detector.py.
 */
export const bareJson: MarkupGrammar = {
	name: "bare-json",
	openers: ["{", "[", ...FENCES],
	wholeMessage: true,
	*read(input, tools) {
		if (!(yield* beginsLikeCall(input))) return undefined;
		input.rewind();
		yield* input.oneOf(FENCES);
		yield* input.space();
		const calls: MarkupCall[] = [];
		while (!input.isExhausted) {
			const found = yield* readJsonCalls(input, tools);
			if (!found) return undefined;
			calls.push(...found);
			do yield* input.space();
			while (yield* input.oneOf(BETWEEN));
		}
		return calls;
	},
};

/** Most JSON and most code blocks are no calls: the first key shows it. */
function* beginsLikeCall(input: MarkupInput): Reading<boolean> {
	yield* input.oneOf(FENCES);
	yield* input.space();
	if ((yield* input.oneOf(["{", "["])) === "[") {
		yield* input.space();
		if (!(yield* input.literal("{"))) return false;
	}
	yield* input.space();
	return (yield* input.oneOf(KEYS)) !== undefined;
}
