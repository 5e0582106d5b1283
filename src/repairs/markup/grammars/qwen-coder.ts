import { findTool, type MarkupGrammar, parameterSchema } from "../scanner/markup-grammar.ts";
import { type Closer, readRawValue, typedValue } from "../scanner/parameter-value.ts";

const BLOCK = "<tool_call>";
const FUNCTION = "<function=";
const PARAMETER = "<parameter=";
const FUNCTION_CLOSE = "</function>";
const BLOCK_CLOSE = "</tool_call>";

const CLOSERS: Closer[] = [
	{ text: "</parameter>", before: [PARAMETER, FUNCTION_CLOSE, BLOCK_CLOSE, FUNCTION, BLOCK] },
	{ text: `\n${PARAMETER}`, isNext: true },
	{ text: FUNCTION_CLOSE, before: [BLOCK_CLOSE, FUNCTION, BLOCK], isNext: true },
	{ text: BLOCK_CLOSE, before: [BLOCK, FUNCTION], isNext: true },
];

/**
 * Qwen3-Coder and Qwen3.5 on: `<function=NAME>` with `<parameter=KEY>` elements; the surrounding `<tool_call>` is often
 * missing, and so is a closing parameter tag. One line break at each end of a value belongs to the markup.
 * Source: sglang, qwen3_coder_detector.py.
 */
export const qwenCoder: MarkupGrammar = {
	name: "qwen-coder",
	openers: [BLOCK, FUNCTION],
	closers: [FUNCTION_CLOSE, BLOCK_CLOSE],
	*read(input, tools) {
		if ((yield* input.oneOf([BLOCK, FUNCTION])) === BLOCK) {
			yield* input.space();
			if (!(yield* input.literal(FUNCTION))) return undefined;
		}
		const tool = findTool(yield* input.name(), tools);
		if (!tool || !(yield* input.literal(">"))) return undefined;
		const entries: [string, unknown][] = [];
		for (;;) {
			yield* input.space();
			const next = yield* input.oneOf([PARAMETER, FUNCTION_CLOSE, BLOCK_CLOSE]);
			if (next !== PARAMETER) {
				if (next === undefined && entries.length === 0) return undefined;
				return [{ name: tool.name, json: JSON.stringify(Object.fromEntries(entries)) }];
			}
			const key = yield* input.name();
			if (key === "" || !(yield* input.literal(">"))) return undefined;
			const raw = yield* readRawValue(input, CLOSERS);
			entries.push([key, typedValue(raw.replace(/^\n/, "").replace(/\n$/, ""), parameterSchema(tool, key))]);
		}
	},
};
