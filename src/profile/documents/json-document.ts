// Imported lazily: most starts read no JSON file of the user's.
import { isDeepStrictEqual } from "node:util";
import { findNodeAtLocation, type Node, parseTree } from "jsonc-parser";
import { isObject, tryParseJson } from "../../platform/json.ts";
import type { FieldPath, SourceDocument } from "./source-document.ts";

/**
 * Parses strict JSON, keeping the positions of its fields. Undefined for anything else, and where an object has a key
 * twice: the YAML parser then accepts it or reports what is wrong.
 */
export function parseJsonDocument(text: string, file: string): SourceDocument | undefined {
	const plain = text.replace(/^\uFEFF/, "");
	const value = tryParseJson(plain);
	const root = value === undefined ? undefined : parseTree(plain);
	if (!root || hasDuplicateKey(root)) return undefined;
	const lineOf = (path: FieldPath): number | undefined => {
		if (path.length === 0) return undefined;
		const node = findNodeAtLocation(root, [...path]);
		return node ? lineAt(plain, startOf(node)) : lineOf(path.slice(0, -1));
	};
	return { file, text, value, lineOf };
}

/** Offset of the key that a value belongs to; in an array, of the value itself. */
function startOf(node: Node): number {
	return node.parent?.type === "property" ? node.parent.offset : node.offset;
}

function lineAt(text: string, offset: number): number {
	return text.slice(0, offset).split("\n").length;
}

function hasDuplicateKey({ type, children = [] }: Node): boolean {
	const keys = type === "object" ? children.map((property) => property.children?.[0]?.value) : [];
	return new Set(keys).size < keys.length || children.some(hasDuplicateKey);
}

/**
 * Removes members from the object at the top-level key `group` of a JSON text and leaves every other byte as it is. A
 * group that becomes empty is removed too. Throws an `Error` for text that is not JSON, and when the result would differ
 * in more than that (a key that is there twice).
 */
export function removeMembers(text: string, group: string, names: readonly string[]): string {
	const expected = withoutMembers(parseObject(text), group, names);
	const paths = group in expected ? names.map((name) => [group, name]) : [[group]];
	const edited = paths.reduce(removeMember, text);
	if (isDeepStrictEqual(tryParseJson(edited), expected)) return edited;
	throw new Error(`${group} could not be removed without changing something else`);
}

/** Removes a member with one comma: up to the next member, or else from the end of the one before. */
function removeMember(text: string, path: FieldPath): string {
	const root = parseTree(text);
	const member = root && findNodeAtLocation(root, [...path])?.parent;
	const members = member?.parent?.children ?? [];
	const index = members.findIndex((each) => each === member);
	const [previous, own, next] = [members[index - 1], members[index], members[index + 1]];
	if (!own) return text;
	if (next) return text.slice(0, own.offset) + text.slice(next.offset);
	const start = previous ? previous.offset + previous.length : (own.parent?.offset ?? 0) + 1;
	return text.slice(0, start) + text.slice(own.offset + own.length);
}

function parseObject(text: string): Record<string, unknown> {
	const value: unknown = JSON.parse(text);
	if (isObject(value)) return value;
	throw new Error("it is not a JSON object");
}

function withoutMembers(value: Record<string, unknown>, group: string, names: readonly string[]) {
	const { [group]: members, ...rest } = value;
	const kept = Object.entries(isObject(members) ? members : {}).filter(([name]) => !names.includes(name));
	return kept.length > 0 ? { ...value, [group]: Object.fromEntries(kept) } : rest;
}
