import type { Tool } from "../../../protocol/messages.ts";
import { propertiesOf, requiredOf } from "../../json-schema.ts";
import { readJsonInput } from "../scanner/json-call.ts";
import { findTool, type MarkupCall, type MarkupGrammar, parameterSchema } from "../scanner/markup-grammar.ts";
import type { MarkupInput, Reading } from "../scanner/markup-input.ts";
import { readRawValue, typedValue, unframed } from "../scanner/parameter-value.ts";

/**
 * A tag with the name of the tool, and a tag for each parameter: `<Read><file_path>…</file_path></Read>`. Any HTML could
 * begin so: it is a call only when it is complete, with parameters of the tool and all that it requires.
 * Source: Cline's system prompt, from which models have learned it.
 */
export const namedTags: MarkupGrammar = {
	name: "named-tags",
	openers: ["<"],
	*read(input, tools) {
		yield* input.literal("<");
		const name = yield* input.name();
		const tool = findTool(name, tools);
		if (!tool || !(yield* input.literal(">"))) return undefined;
		yield* input.space();
		const end = `</${name}>`;
		const isJson = (yield* input.peek()) === "{";
		const call = isJson ? yield* readJsonInput(input, tool.name) : yield* readParameters(input, tool, end);
		yield* input.space();
		return call && (yield* input.literal(end)) ? [call] : undefined;
	},
};

/** Reads the parameters up to the closing tag. */
function* readParameters(input: MarkupInput, tool: Tool, end: string): Reading<MarkupCall | undefined> {
	const opens = Object.keys(propertiesOf(tool.input_schema)).map((key) => `<${key}>`);
	const entries = new Map<string, unknown>();
	while (!(yield* input.comes([end]))) {
		yield* input.space();
		const open = yield* input.oneOf(opens);
		if (open === undefined) return undefined;
		const key = open.slice(1, -1);
		const raw = yield* readRawValue(input, [{ text: `</${key}>`, before: [...opens, end] }]);
		if (raw === undefined) return undefined;
		entries.set(key, typedValue(unframed(raw), parameterSchema(tool, key)));
	}
	const isWhole = entries.size > 0 && requiredOf(tool.input_schema).every((key) => entries.has(key));
	return isWhole ? { name: tool.name, json: JSON.stringify(Object.fromEntries(entries)) } : undefined;
}
