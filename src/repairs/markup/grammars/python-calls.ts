import { findTool, type MarkupCall, type ToolTable } from "../scanner/grammar.ts";
import { PythonReader } from "../scanner/python-reader.ts";

/**
 * Calls written in Python: one, one a line, or a list of them; also inside `print(…)` and behind `name = `. Undefined
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
