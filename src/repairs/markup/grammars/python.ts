import type { MarkupGrammar } from "../scanner/markup-grammar.ts";
import { beginsPythonCall, pythonCalls, readPythonCalls } from "../scanner/python-calls.ts";

const OPEN = "```tool_code";

/** Gemini and Gemma 3: Python calls in a `tool_code` fence. Source: ai.google.dev/gemma/docs/capabilities/function-calling. */
export const toolCode: MarkupGrammar = {
	name: "gemini",
	openers: [OPEN],
	*read(input, tools) {
		yield* input.literal(OPEN);
		return yield* readPythonCalls(input, tools, ["\n```"]);
	},
};

/** Llama 4: a list of Python calls is the whole message, `[Read(file_path="a")]`. Source: sglang, pythonic_detector.py. */
export const pythonic: MarkupGrammar = {
	name: "pythonic",
	openers: ["["],
	wholeMessage: true,
	*read(input, tools) {
		if (!(yield* beginsPythonCall(input, tools))) return undefined;
		input.rewind();
		return pythonCalls(yield* input.toEnd(), tools);
	},
};
