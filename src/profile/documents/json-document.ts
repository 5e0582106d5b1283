// Imported lazily: most starts read no JSON file of the user's.
import { isDeepStrictEqual } from "node:util";
import { type ElementNode, type MemberNode, parse, type ValueNode } from "@humanwhocodes/momoa";
import { isObject, tryParseJson } from "../../platform/json.ts";
import type { FieldPath, SourceDocument } from "./parse-source.ts";

/** A member of an object or an element of an array, with its position. */
type Entry = MemberNode | ElementNode;

/**
 * Parses strict JSON, keeping the lines of its fields. Undefined for anything else, and if an object has a key
 * twice: the YAML parser then accepts it or reports what is wrong.
 */
export function parseJsonDocument(text: string, file: string): SourceDocument | undefined {
	const plain = text.replace(/^\uFEFF/, "");
	const value = tryParseJson(plain);
	if (value === undefined) return undefined;
	const root = parse(plain).body;
	if (hasDuplicateKey(root)) return undefined;
	return { file, text, value, lineOf: (path) => entriesAlong(root, path).at(-1)?.loc.start.line };
}

/** The entries that a path leads through, as far as they are there. */
function entriesAlong(root: ValueNode, path: FieldPath): Entry[] {
	const found: Entry[] = [];
	let node = root;
	for (const part of path) {
		const entry = entriesOf(node).find((each, index) => (keyOf(each) ?? index) === part);
		if (!entry) break;
		found.push(entry);
		node = entry.value;
	}
	return found;
}

function entriesOf(node: ValueNode): Entry[] {
	if (node.type === "Object") return node.members;
	return node.type === "Array" ? node.elements : [];
}

/** The key of a member; undefined for an element of an array. */
function keyOf(entry: Entry): string | undefined {
	if (entry.type === "Element") return undefined;
	return entry.name.type === "String" ? entry.name.value : entry.name.name;
}

function hasDuplicateKey(node: ValueNode): boolean {
	const entries = entriesOf(node);
	const keys = entries.map(keyOf).filter((key) => key !== undefined);
	return new Set(keys).size < keys.length || entries.some(({ value }) => hasDuplicateKey(value));
}

/**
 * Removes members from the object at the top-level key `group` of a JSON text and leaves every other byte as it is. A
 * group that becomes empty is removed too. Throws an `Error` for text that is not JSON, and when the result would
 * differ in more than that (a key that is there twice).
 */
export function removeMembers(text: string, group: string, names: readonly string[]): string {
	const expected = withoutMembers(parseObject(text), group, names);
	const paths = group in expected ? names.map((name) => [group, name]) : [[group]];
	const edited = paths.reduce(removeMember, text);
	if (isDeepStrictEqual(tryParseJson(edited), expected)) return edited;
	throw new Error(`${group} could not be removed without changing something else`);
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

/** Removes one member and one comma: up to the next member, or else from the end of the previous one. */
function removeMember(text: string, path: FieldPath): string {
	const root = parse(text).body;
	const along = entriesAlong(root, path);
	const member = along.at(-1);
	if (!member || along.length < path.length) return text;
	const parent = along.at(-2)?.value ?? root;
	const siblings = entriesOf(parent);
	const index = siblings.indexOf(member);
	const [previous, next] = [siblings[index - 1], siblings[index + 1]];
	if (next) return text.slice(0, member.loc.start.offset) + text.slice(next.loc.start.offset);
	const start = previous ? previous.loc.end.offset : parent.loc.start.offset + 1;
	return text.slice(0, start) + text.slice(member.loc.end.offset);
}
