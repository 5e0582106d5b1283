import type { MarkupGrammar } from "../scanner/grammar.ts";
import { readInvokes } from "./invoke.ts";

const MARKS = ["｜DSML｜", "|DSML|"];
/** V3.2, V4, V4.1: the space before V4.1's names is intended. */
const BLOCKS = MARKS.flatMap((mark) =>
	["function_calls", "tool_calls", " calls", "calls"].map((tag) => `<${mark}${tag}>`),
);
const UNMARKED = ["<tool_calls>", "<calls>"];
const INVOKES = MARKS.flatMap((mark) => [`<${mark}invoke name="`, `<${mark} invoke name="`]);

/** DeepSeek V3.2, V4 and V4.1: invokes whose tags carry a mark. Source: quirks.md 1.6. */
export const dsml: MarkupGrammar = {
	name: "dsml",
	openers: [...BLOCKS, ...UNMARKED, ...INVOKES],
	read: (input, tools) => readInvokes(input, tools, [...BLOCKS, ...UNMARKED]),
};
