import type { Json, JsonSchema } from "../../../protocol/messages.ts";
import { parseValidJson } from "../../damaged-json.ts";
import { hasType, schemaTypes } from "../../json-schema.ts";
import { LiteralSet } from "./literals.ts";
import type { MarkupInput, Reading } from "./markup-input.ts";

/** A literal that may end a value. */
export interface Closer {
	text: string;
	/** The closer counts only if one of these follows, after white space, or the end of the text. */
	before?: readonly string[];
	/** The closer is part of what follows, and stays unread. */
	isNext?: boolean;
}

/**
 * Reads a value that is written as it is, up to a closer. Values are not XML: `a & b` and `<x>` mean themselves, and a file
 * that contains the closing tag ends only if the call continues after the tag. Undefined if nothing closes it: half a
 * file must not be written, and a text about the markup is no call.
 */
export function* readRawValue(input: MarkupInput, closers: readonly Closer[]): Reading<string | undefined> {
	const texts = new LiteralSet(closers.map(({ text }) => text));
	const pieces: string[] = [];
	let rejected = -1;
	for (;;) {
		const { text, found } = yield* input.until(texts);
		pieces.push(text);
		if (found === "") break;
		const closer = closers.find((candidate) => candidate.text === found);
		if (!closer?.before || (yield* input.comes(closer.before, true))) {
			if (closer?.isNext) input.unread(found.length);
			return pieces.join("");
		}
		rejected = pieces.length;
		pieces.push(found);
	}
	if (rejected < 0) return undefined;
	// The call never continued after a closer: everything after the last one is text again.
	const after = pieces.slice(rejected + 1).join("");
	input.unread(after.length);
	return pieces.slice(0, rejected).join("");
}

/**
 * The value of a raw parameter text by the parameter's schema: a string as it is; otherwise JSON, a Python literal
 * (`True`, `None`, 'single quotes'), or else the text itself. Nothing is unescaped.
 */
export function typedValue(raw: string, schema: JsonSchema | undefined): Json {
	const types = schemaTypes(schema);
	if (types.has("string") && (types.size === 1 || (types.size === 2 && types.has("null") && !isNull(raw)))) return raw;
	const text = raw.trim();
	if (isNull(text) && !types.has("string")) return null;
	const value = parseValidJson(text) ?? parseValidJson(fromPython(text));
	if (value === undefined) return raw;
	// Without a schema only objects, lists and booleans are parsed: "007" and "1.0" would lose their form.
	if (types.size === 0) return typeof value === "object" || typeof value === "boolean" ? value : raw;
	return hasType(value, types) ? value : raw;
}

function isNull(text: string): boolean {
	return /^(null|none)$/i.test(text.trim());
}

/** Rewrites `True`, `False`, `None` and single-quoted strings outside double quotes to JSON. */
function fromPython(text: string): string {
	return text.replace(/"(?:[^"\\]|\\.)*"|'((?:[^'\\]|\\.)*)'|\b(True|False|None)\b/g, (whole, single, word) => {
		if (word) return word === "None" ? "null" : word.toLowerCase();
		return single === undefined ? whole : JSON.stringify(single.replace(/\\'/g, "'"));
	});
}

/** A value without the line breaks around it if they are on both sides. */
export function unframed(raw: string): string {
	return /^\n[\s\S]*\n$/.test(raw) ? raw.slice(1, -1) : raw;
}
