import { findTool, type MarkupGrammar, parameterSchema } from "../scanner/markup-grammar.ts";
import { type Closer, readRawValue, typedValue } from "../scanner/parameter-value.ts";

/** Seed-OSS has a wrapper of its own name. */
const BLOCKS = ["<tool_call>", "<seed:tool_call>"];
const FUNCTION = "<function=";
const PARAMETER = "<parameter=";
const FUNCTION_CLOSE = "</function>";
const BLOCK_CLOSES = ["</tool_call>", "</seed:tool_call>"];

const CLOSERS: Closer[] = [
	{ text: "</parameter>", before: [PARAMETER, FUNCTION_CLOSE, FUNCTION, ...BLOCK_CLOSES, ...BLOCKS] },
	{ text: `\n${PARAMETER}`, isNext: true },
	{ text: FUNCTION_CLOSE, before: [FUNCTION, ...BLOCK_CLOSES, ...BLOCKS], isNext: true },
	...BLOCK_CLOSES.map((text) => ({ text, before: [FUNCTION, ...BLOCKS], isNext: true })),
];

/**
 * Qwen3-Coder and Qwen3.5 on: `<function=NAME>` with `<parameter=KEY>` elements; the surrounding `<tool_call>` is often
 * missing, and so is a closing parameter tag. One line break at each end of a value belongs to the markup. Also Step-3.5,
 * Nemotron 3 and Seed-OSS. Source: sglang, qwen3_coder_detector.py, and vllm, seed_oss_tool_parser.py.
 */
export const qwenCoder: MarkupGrammar = {
	name: "qwen-coder",
	openers: [...BLOCKS, FUNCTION],
	closers: [FUNCTION_CLOSE, ...BLOCK_CLOSES],
	*read(input, tools) {
		if ((yield* input.oneOf([...BLOCKS, FUNCTION])) !== FUNCTION) {
			yield* input.space();
			if (!(yield* input.literal(FUNCTION))) return undefined;
		}
		const tool = findTool(yield* input.name(), tools);
		if (!tool || !(yield* input.literal(">"))) return undefined;
		const entries: [string, unknown][] = [];
		for (;;) {
			yield* input.space();
			const next = yield* input.oneOf([PARAMETER, FUNCTION_CLOSE, ...BLOCK_CLOSES]);
			if (next !== PARAMETER) {
				if (next === undefined && entries.length === 0) return undefined;
				return [{ name: tool.name, json: JSON.stringify(Object.fromEntries(entries)) }];
			}
			const key = yield* input.name();
			if (key === "" || !(yield* input.literal(">"))) return undefined;
			const raw = yield* readRawValue(input, CLOSERS);
			if (raw === undefined) return undefined;
			entries.push([key, typedValue(raw.replace(/^\n/, "").replace(/\n$/, ""), parameterSchema(tool, key))]);
		}
	},
};
