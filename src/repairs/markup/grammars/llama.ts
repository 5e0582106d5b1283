import { readJsonCalls, readJsonInput } from "../scanner/json-call.ts";
import { findTool, type MarkupCall, type MarkupGrammar, type ToolTable } from "../scanner/markup-grammar.ts";
import type { MarkupInput, Reading } from "../scanner/markup-input.ts";

const TAG = "<|python_tag|>";
const FUNCTION = "<function=";

/**
 * Llama 3: JSON objects after `<|python_tag|>`, separated by `;`; and `<function=NAME>{…}</function>` in the spellings of
 * Groq's `failed_generation`. Source: sglang, llama32_detector.py.
 */
export const llama: MarkupGrammar = {
	name: "llama",
	openers: [TAG, FUNCTION],
	closers: ["<|eom_id|>", "<|eot_id|>"],
	controlTokens: ["<|eot_id|>", "<|eom_id|>", "<|begin_of_text|>", "<|end_of_text|>"],
	callTokens: [TAG],
	*read(input, tools) {
		if ((yield* input.oneOf([TAG, FUNCTION])) === FUNCTION) return yield* readFunction(input, tools);
		const calls: MarkupCall[] = [];
		for (let isMore = true; isMore; ) {
			yield* input.literal(";");
			yield* input.space();
			const found = yield* readJsonCalls(input, tools);
			if (!found) return undefined;
			calls.push(...found);
			isMore = yield* input.comes([";"]);
			if (isMore) yield* input.space();
		}
		return calls;
	},
};

function* readFunction(input: MarkupInput, tools: ToolTable): Reading<MarkupCall[] | undefined> {
	const tool = findTool(yield* input.name(), tools);
	if (!tool) return undefined;
	yield* input.space();
	yield* input.oneOf([">", "("]);
	yield* input.space();
	const call = yield* readJsonInput(input, tool.name);
	if (!call) return undefined;
	yield* input.oneOf([")>", ")", ">"]);
	return [call];
}
