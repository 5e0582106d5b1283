import { findTool, type MarkupCall, type MarkupGrammar, type ToolTable } from "../scanner/markup-grammar.ts";
import { PythonReader } from "../scanner/python-reader.ts";

const OPEN = "```tool_code";
const CLOSE = "\n```";
/** A text argument may contain fences. */
const MAX_FENCES = 8;

/** Gemini and Gemma 3: Python calls in a `tool_code` fence. Source: ai.google.dev/gemma/docs/capabilities/function-calling. */
export const toolCode: MarkupGrammar = {
	name: "gemini",
	openers: [OPEN],
	*read(input, tools) {
		yield* input.literal(OPEN);
		const pieces: string[] = [];
		for (let fences = 0; fences < MAX_FENCES; fences++) {
			const { text, found } = yield* input.until([CLOSE]);
			pieces.push(text);
			const calls = pythonCalls(pieces.join(""), tools);
			if (calls || found === "") return calls;
			pieces.push(found);
		}
		return undefined;
	},
};

/** Llama 4: a list of Python calls is the whole message, `[Read(file_path="a")]`. Source: sglang, pythonic_detector.py. */
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

/**
 * Calls written in Python: one, one in each line, or a list of them; also inside `print(…)` and after `name = `. Undefined
 * unless all of the text is calls of offered tools with named arguments.
 */
function pythonCalls(text: string, tools: ToolTable): MarkupCall[] | undefined {
	const reader = new PythonReader(text);
	const calls: MarkupCall[] = [];
	const isList = reader.take("[");
	while (!reader.isAtEnd && !(isList && reader.take("]"))) {
		const call = readCall(reader, tools);
		if (!call) return undefined;
		calls.push(call);
		while (reader.take(",") || reader.take(";"));
	}
	return reader.isAtEnd && calls.length > 0 ? calls : undefined;
}

function readCall(reader: PythonReader, tools: ToolTable): MarkupCall | undefined {
	const name = reader.name();
	if (name === "print" && reader.take("(")) {
		const inner = readCall(reader, tools);
		return reader.take(")") ? inner : undefined;
	}
	if (reader.take("=")) return readCall(reader, tools);
	const tool = findTool(name, tools);
	if (!tool || !reader.take("(")) return undefined;
	const entries: [string, unknown][] = [];
	while (!reader.take(")")) {
		const key = reader.name();
		if (key === "" || !reader.take("=")) return undefined;
		const value = reader.value();
		if (value === undefined) return undefined;
		entries.push([key, value]);
		if (!reader.take(",") && !reader.comes(")")) return undefined;
	}
	return { name: tool.name, json: JSON.stringify(Object.fromEntries(entries)) };
}
