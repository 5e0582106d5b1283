import { findTool, type MarkupCall, type ToolTable } from "./markup-grammar.ts";
import type { MarkupInput, Reading } from "./markup-input.ts";
import { PythonReader } from "./python-reader.ts";

/** A text argument may contain the closing tag. */
const MAX_CLOSERS = 8;

/** Reads Python calls up to a closing tag, or the end of the text. */
export function* readPythonCalls(
	input: MarkupInput,
	tools: ToolTable,
	closers: readonly string[],
): Reading<MarkupCall[] | undefined> {
	const pieces: string[] = [];
	for (let count = 0; count < MAX_CLOSERS; count++) {
		const { text, found } = yield* input.until(closers);
		pieces.push(text);
		const calls = pythonCalls(pieces.join(""), tools);
		if (calls || found === "") return calls;
		pieces.push(found);
	}
	return undefined;
}

/** Whether a Python call of an offered tool comes next, alone, in a list or in `print(…)`. Reads its name. */
export function* beginsPythonCall(input: MarkupInput, tools: ToolTable): Reading<boolean> {
	if (yield* input.literal("[")) yield* input.space();
	yield* input.literal("print(");
	return findTool(yield* input.name(), tools) !== undefined && (yield* input.literal("("));
}

/**
 * Calls written in Python: one, one in each line, or a list of them; also inside `print(…)` and after `name = `. Undefined
 * unless all of the text is calls of offered tools with named arguments.
 */
export function pythonCalls(text: string, tools: ToolTable): MarkupCall[] | undefined {
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
