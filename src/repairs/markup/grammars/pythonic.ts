import { findTool, type MarkupGrammar } from "../scanner/grammar.ts";
import { pythonCalls } from "./python-calls.ts";

/** Llama 4: a list of Python calls is the whole message, `[Read(file_path="a")]`. Source: quirks.md 1.10. */
export const pythonic: MarkupGrammar = {
	name: "pythonic",
	openers: ["["],
	wholeMessage: true,
	*read(input, tools) {
		yield* input.literal("[");
		yield* input.space();
		if (!findTool(yield* input.name(), tools) || !(yield* input.literal("("))) return undefined;
		input.rewind();
		return pythonCalls(yield* input.toEnd(), tools);
	},
};
