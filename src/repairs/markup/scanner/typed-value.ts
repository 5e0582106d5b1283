import { tryParseJson } from "../../../platform/json.ts";
import type { Json, JsonSchema } from "../../../protocol/messages.ts";
import { hasType, schemaTypes } from "../../tool-input/schema-types.ts";

/**
 * The value that a raw parameter text stands for, by the parameter's schema: a string stays as it is, everything else
 * is JSON, then a Python literal (`True`, `None`, 'single quotes'), then the text itself. Values are delimited
 * literally and never unescaped: `a & b` and `<` are what they are.
 */
export function typedValue(raw: string, schema: JsonSchema | undefined): Json {
	const types = schemaTypes(schema);
	if (types.has("string") && (types.size === 1 || (types.size === 2 && types.has("null") && !isNull(raw)))) return raw;
	const text = raw.trim();
	if (isNull(text) && !types.has("string")) return null;
	const value = tryParseJson(text) ?? tryParseJson(fromPython(text));
	if (value === undefined) return raw;
	// Without a schema only containers and literals are taken from JSON: "007" and "1.0" would lose their form.
	if (types.size === 0) return typeof value === "object" || typeof value === "boolean" ? (value as Json) : raw;
	return hasType(value as Json, types) ? (value as Json) : raw;
}

function isNull(text: string): boolean {
	return /^(null|none)$/i.test(text.trim());
}

/** `True`, `False`, `None` and single-quoted strings outside double quotes, in JSON's words. */
function fromPython(text: string): string {
	return text.replace(/"(?:[^"\\]|\\.)*"|'((?:[^'\\]|\\.)*)'|\b(True|False|None)\b/g, (whole, single, word) => {
		if (word) return word === "None" ? "null" : word.toLowerCase();
		return single === undefined ? whole : JSON.stringify(single.replace(/\\'/g, "'"));
	});
}
