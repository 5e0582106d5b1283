import { findFieldNames, MAX_FIELDS } from "./field-names.ts";
import { parseFieldPath, parseLocation } from "./field-path.ts";

/**
 * Finds the refused fields that an error names. Names are read only from where servers put them: `param`, `loc`,
 * `field`, a path before a colon, quotes or a list after "unsupported parameter", quotes before "is not supported".
 * Any other word is never a field, except for the optional fields of the known dialects.
 */

type Layers = readonly Readonly<Record<string, unknown>>[];

/** Required fields: an error about them names nothing that could be left out. */
const REQUIRED = new Set(["model", "messages", "input", "contents", "prompt", "inputs", "validation_error"]);

/** A path that is only one of these is refined by the field that the message names. */
const CONTAINERS = new Set(["messages", "input", "contents", "tools", "system"]);

/** Paths of the refused fields, in the order of the message. */
export function refusedPaths(layers: Layers, message: string): string[][] {
	const text = withoutEcho(message);
	const structural = [...layers.flatMap(pathsOfLayer), ...locationsInText(text)].filter(
		(path) => path.length > 1 || !REQUIRED.has(path[0] ?? ""),
	);
	const isExact = structural.some((path) => path.length > 1 || !CONTAINERS.has(path[0] ?? ""));
	const paths = isExact ? structural : [...pathsInText(text), ...structural];
	const optional = paths.filter(
		(path) => !/^(?:\d+|N)$/.test(path.at(-1) ?? "") && (path.length > 1 || !REQUIRED.has(path[0] ?? "")),
	);
	const byName = new Map(optional.map((path) => [path.join("."), path]));
	// The same field named twice: as a bare name, or by its parent.
	const isPart = (name: string) =>
		[...byName.keys()].some((path) => path.endsWith(`.${name}`) || path.startsWith(`${name}.`));
	return [...byName].flatMap(([name, path]) => (isPart(name) ? [] : [path])).slice(0, MAX_FIELDS);
}

/** `param`, `loc`, and Google's `field`, which holds the parent of an unknown name. */
function pathsOfLayer(layer: Readonly<Record<string, unknown>>): string[][] {
	const { loc, type, msg, param, field, description, instancePath } = layer;
	const isMissing = type === "missing" || (typeof msg === "string" && /^field required/i.test(msg));
	const location = Array.isArray(loc) && !isMissing ? parseLocation(loc) : undefined;
	const params = typeof param === "string" && !/\s\S+\s/.test(param) ? param.split(/,\s*/).map(parseFieldPath) : [];
	const parent = typeof field === "string" && typeof description === "string" ? field : instancePath;
	const named = typeof description === "string" && /unknown name/i.test(description);
	const fieldPath = typeof parent === "string" && !named ? parseFieldPath(parent) : undefined;
	return [location, ...params, fieldPath].filter((path) => path !== undefined);
}

/** Python's form of a validation error inside text: `'loc': ('body', 'safe_prompt')`. */
function locationsInText(text: string): string[][] {
	return [...text.matchAll(/['"]loc['"]: ?[([]([^)\]]{1,300})[)\]]/g)]
		.map(([, names = ""]) => parseLocation(names.split(",").map((name) => name.trim().replace(/^['"]|['"]$/g, ""))))
		.filter((path) => path !== undefined);
}

function pathsInText(text: string): string[][] {
	return findFieldNames(text).flatMap(({ names, index, located }) => {
		const path = parseFieldPath(names.replace(/^\\?[`'"]|\\?[`'"]$/g, ""));
		if (!path?.some((name) => /[a-z]/i.test(name))) return [];
		const parent = located || path.length > 1 ? [] : (parentBefore(text, index) ?? []);
		return [[...parent, ...path]];
	});
}

/** The parent that a message names before the field: `'messages.1' : property 'x' is unsupported`. */
function parentBefore(text: string, index: number): string[] | undefined {
	const places = text
		.slice(0, index)
		.matchAll(/(?:^|[\s('"`])((?:messages|tools|input|contents|system)[.[]{1,2}\d{1,6}[\w.[\]]{0,120})['"`]? ?: /g);
	const place = [...places].at(-1)?.[1];
	return place === undefined ? undefined : parseFieldPath(`${place}.x`)?.slice(0, -1);
}

/** Longest quoted part of a request that is skipped. */
const MAX_ECHO_CHARS = 20_000;

/** The text without the parts of the request that Pydantic quotes: `'input': {…}`, `input_value=…, input_type=`. */
export function withoutEcho(message: string): string {
	const text = message.replace(/input_value=(?:(?!, input_type=)[\s\S]){0,2000}/g, "");
	const start = /['"]input['"]: /.exec(text);
	if (!start) return text;
	const from = start.index + start[0].length;
	let depth = 0;
	let quote = "";
	for (let index = from; index < Math.min(text.length, from + MAX_ECHO_CHARS); index++) {
		const char = text.charAt(index);
		if (quote) {
			if (char === "\\") index++;
			else if (char === quote) quote = "";
		} else if (char === '"' || char === "'") quote = char;
		else if ("[({".includes(char)) depth++;
		else if ("])}".includes(char) && --depth < 0) return text.slice(0, from) + withoutEcho(text.slice(index));
		else if (char === "," && depth === 0) return text.slice(0, from) + withoutEcho(text.slice(index));
	}
	return text.slice(0, from);
}
