import { tryParseJson } from "../../../platform/json.ts";
import type { Json, JsonSchema } from "../../../protocol/messages.ts";
import { hasType, schemaTypes } from "../../json-schema.ts";
import type { MarkupInput, Reading } from "./markup-input.ts";

/** A text that may end a value. */
export interface Closer {
	text: string;
	/** One of these must come next, white space aside, or nothing at all; otherwise the text belongs to the value. */
	before?: readonly string[];
	/** The text belongs to what follows and stays unread. */
	isNext?: boolean;
}

/**
 * A value that is written as it is, up to a closer. Bodies are no XML: `a & b` and `<x>` are what they are, and a file
 * that itself holds the closing tag is only cut where the call goes on behind it.
 */
export function* readRawValue(input: MarkupInput, closers: readonly Closer[]): Reading<string> {
	const texts = closers.map(({ text }) => text);
	const pieces: string[] = [];
	let rejected = -1;
	for (;;) {
		const { text, found } = yield* input.until(texts);
		pieces.push(text);
		if (found === "") break;
		const closer = closers.find((one) => one.text === found) as Closer;
		if (!closer.before || (yield* input.comes(closer.before, true))) {
			if (closer.isNext) input.unread(found.length);
			return pieces.join("");
		}
		rejected = pieces.length;
		pieces.push(found);
	}
	if (rejected < 0) return pieces.join("");
	// The call was never finished behind a closer: what follows the last one is text again.
	const after = pieces.slice(rejected + 1).join("");
	input.unread(after.length);
	return pieces.slice(0, rejected).join("");
}

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
