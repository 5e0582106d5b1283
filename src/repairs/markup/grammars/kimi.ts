import { readJsonInput } from "../scanner/json-call.ts";
import { findTool, type MarkupCall, type MarkupGrammar } from "../scanner/markup-grammar.ts";

const SECTIONS = ["<|tool_calls_section_begin|>", "<|tool_call_section_begin|>"];
const SECTION_ENDS = ["<|tool_calls_section_end|>", "<|tool_call_section_end|>"];
const CALL = "<|tool_call_begin|>";

/** Kimi K2 to K2.7: special tokens around `functions.NAME:INDEX` and a JSON object. Source: sglang, kimik2_detector.py. */
export const kimi: MarkupGrammar = {
	name: "kimi",
	openers: [...SECTIONS, CALL],
	closers: ["<|tool_call_end|>", "<|tool_calls_section_end|>"],
	controlTokens: ["<|im_system|>", "<|im_middle|>"],
	callTokens: ["<|tool_calls_section_begin|>", "<|tool_calls_section_end|>", "<|tool_call_end|>"],
	*read(input, tools) {
		yield* input.oneOf(SECTIONS);
		const calls: MarkupCall[] = [];
		do {
			yield* input.space();
			if (!(yield* input.literal(CALL))) break;
			yield* input.space();
			const tool = findTool(yield* input.name(), tools);
			if (!tool) return undefined;
			yield* input.space();
			if (!(yield* input.literal("<|tool_call_argument_begin|>"))) return undefined;
			yield* input.space();
			const call = yield* readJsonInput(input, tool.name);
			if (!call) return undefined;
			calls.push(call);
			if (yield* input.comes(["<|tool_call_end|>"])) {
				yield* input.space();
				yield* input.literal("<|tool_call_end|>");
			}
		} while (yield* input.comes([CALL, ...SECTION_ENDS]));
		if (calls.length > 0) yield* input.oneOf(SECTION_ENDS);
		return calls;
	},
};
