import type { Tool } from "../../../protocol/messages.ts";
import { parseDamagedJson } from "../../damaged-json.ts";
import { propertiesOf, schemaTypes } from "../../json-schema.ts";
import { findTool, type MarkupCall, type MarkupGrammar, parameterSchema } from "../scanner/markup-grammar.ts";
import type { MarkupInput, Reading } from "../scanner/markup-input.ts";
import { readRawValue, typedValue } from "../scanner/parameter-value.ts";

const OPEN = "<tool_call>";
const CLOSE = "</tool_call>";
const KEY = "<arg_key>";
const VALUE_CLOSERS = [{ text: "</arg_value>", before: [KEY, CLOSE, OPEN] }];

/**
 * GLM 4.5 to 5.3: the name, then `<arg_key>` and `<arg_value>` pairs. The flash models also write JSON after the
 * name, with or without `>`, and omit the tags between a key and its value. Source: sglang, glm4_moe_detector.py.
 */
export const glm: MarkupGrammar = {
	name: "glm",
	openers: [OPEN],
	*read(input, tools) {
		yield* input.literal(OPEN);
		yield* input.space();
		const tool = findTool(yield* input.name(), tools);
		if (!tool) return undefined;
		yield* input.literal(">");
		yield* input.space();
		const next = yield* input.peek();
		if (next === "{" || next === "[") return yield* readJson(input, tool);
		return yield* readPairs(input, tool);
	},
};

function* readPairs(input: MarkupInput, tool: Tool): Reading<MarkupCall[] | undefined> {
	const entries: [string, unknown][] = [];
	for (;;) {
		yield* input.space();
		const next = yield* input.oneOf([KEY, CLOSE]);
		if (next !== KEY) {
			if (next === undefined && entries.length === 0) return undefined;
			return [{ name: tool.name, json: JSON.stringify(Object.fromEntries(entries)) }];
		}
		const head = yield* input.until(["</arg_key>", "</arg_value>"]);
		if (head.found === "") return undefined;
		let [key, raw] = [head.text.trim(), ""];
		if (head.found === "</arg_key>") {
			yield* input.space();
			if (!(yield* input.literal("<arg_value>"))) return undefined;
			raw = yield* readRawValue(input, VALUE_CLOSERS);
		} else {
			const middle = key.indexOf("=");
			if (middle < 0) return undefined;
			[key, raw] = [key.slice(0, middle), key.slice(middle + 1)];
		}
		entries.push([key, typedValue(raw, parameterSchema(tool, key))]);
	}
}

function* readJson(input: MarkupInput, tool: Tool): Reading<MarkupCall[] | undefined> {
	const json = yield* input.json();
	if (json === undefined) return undefined;
	const list = json.startsWith("[") ? onlyListOf(tool) : undefined;
	if (json.startsWith("[") && (list === undefined || parseDamagedJson(json) === undefined)) return undefined;
	return [{ name: tool.name, json: list === undefined ? json : `{${JSON.stringify(list)}:${json}}` }];
}

/** The only parameter of a tool that is a list: a bare list can only be its value. */
function onlyListOf(tool: Tool): string | undefined {
	const properties = Object.keys(propertiesOf(tool.input_schema));
	const lists = properties.filter((key) => schemaTypes(parameterSchema(tool, key)).has("array"));
	return lists.length === 1 ? lists[0] : undefined;
}
