import { isDeepStrictEqual } from "node:util";
import { isMap, isScalar, type Pair, parseDocument, type Scalar, type YAMLMap } from "yaml";

/**
 * Takes members out of an object of a JSON text and leaves every other byte as it is; an object that is left empty goes
 * too, but not the outermost. Throws an `Error` for text that is no JSON, or when the result would differ in more than that.
 */
export function removeMembers(text: string, path: string, names: readonly string[]): string {
	const expected = without(JSON.parse(text) as Record<string, unknown>, path, names);
	let edited = text;
	for (const name of names) edited = removeMember(edited, [path, name]);
	const left = (JSON.parse(edited) as Record<string, object>)[path];
	if (left && Object.keys(left).length === 0) edited = removeMember(edited, [path]);
	if (isDeepStrictEqual(JSON.parse(edited), expected)) return edited;
	throw new Error(`${path} could not be taken out without changing something else`);
}

function without(value: Record<string, unknown>, path: string, names: readonly string[]): Record<string, unknown> {
	const { [path]: group, ...rest } = value;
	const kept = Object.entries(group as object).filter(([name]) => !names.includes(name));
	return kept.length > 0 ? { ...value, [path]: Object.fromEntries(kept) } : rest;
}

function removeMember(text: string, path: readonly string[]): string {
	const { before, after } = extentOf(text, path);
	return text.slice(0, before) + text.slice(after);
}

/** The member with one comma: the one after it together with the white space up to the next member, or else the one before. */
function extentOf(text: string, path: readonly string[]): { before: number; after: number } {
	let map = parseDocument(text).contents as unknown as YAMLMap;
	let pair: Pair | undefined;
	for (const name of path) {
		pair = map.items.find(({ key }) => isScalar(key) && key.value === name);
		if (isMap(pair?.value)) map = pair.value;
	}
	const key = pair?.key as Scalar | undefined;
	const value = pair?.value as Scalar | undefined;
	if (!key?.range || !value?.range) throw new Error(`${path.join(".")} was not found`);
	const [start] = key.range;
	const end = value.range[1];
	const next = /^\s*,\s*/.exec(text.slice(end));
	if (next) return { before: start, after: end + next[0].length };
	const previous = /,?\s*$/.exec(text.slice(0, start));
	return { before: start - (previous?.[0].length ?? 0), after: end };
}
