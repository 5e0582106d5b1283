import { asObject, isObject } from "../../platform/json.ts";
import type { Quirks } from "../../profile/model/quirks.ts";
import type { JsonSchema } from "../../protocol/messages.ts";

type Rewrite = Quirks["schemaRewrite"][number];

/** Rewrites of one schema. Each returns the same object when it changes nothing. */
const NODE_REWRITES: Partial<Record<Rewrite, (node: JsonSchema) => JsonSchema>> = {
	"const-to-enum": (node) => ("const" in node ? { ...without(node, "const"), enum: [node["const"]] } : node),
	"one-of-to-any-of": (node) => ("oneOf" in node ? { ...without(node, "oneOf"), anyOf: node["oneOf"] } : node),
	"no-tuples": noTuples,
	nullable,
	"string-enums": stringEnums,
	"union-types": unionTypes,
	"array-items": arrayItems,
	typed,
};

/** Applies rewrites until nothing changes: a union with null that is joined exposes the keywords of its branch. */
export function rewriteNode(node: JsonSchema, rewrites: readonly Rewrite[]): JsonSchema {
	const changed = rewrites.reduce((before, rewrite) => NODE_REWRITES[rewrite]?.(before) ?? before, node);
	return changed === node ? node : rewriteNode(changed, rewrites);
}

/** Applies the rewrites of the outermost schema. */
export function rewriteRoot(root: JsonSchema, rewrites: readonly Rewrite[]): JsonSchema {
	return rewrites.includes("no-root-union") ? noRootUnion(root) : root;
}

/** Definitions that refer to each other twice double with each level. */
const MAX_INLINED_REFERENCES = 2000;

/**
 * Replaces each local `$ref` by its definition; keywords next to the reference win. A definition that contains itself
 * becomes `{}` (any value) at its second occurrence.
 */
export function inlineReferences(root: JsonSchema): JsonSchema {
	let left = MAX_INLINED_REFERENCES;
	const resolve = (value: unknown, open: readonly string[]): unknown => {
		if (Array.isArray(value)) return value.map((item) => resolve(item, open));
		if (!isObject(value)) return value;
		const reference = value["$ref"];
		if (typeof reference !== "string") {
			return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, resolve(child, open)]));
		}
		const target = open.includes(reference) || left-- <= 0 ? {} : definition(root, reference);
		const beside = asObject(resolve(without(value, "$ref"), open));
		return { ...asObject(resolve(target, [...open, reference])), ...beside };
	};
	return without(without(asObject(resolve(root, [])), "$defs"), "definitions");
}

function definition(root: JsonSchema, reference: string): JsonSchema {
	if (!reference.startsWith("#/")) return {};
	let node: unknown = root;
	for (const part of reference.slice(2).split("/")) {
		node = isObject(node) ? node[part.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
	}
	return isObject(node) ? node : {};
}

/** OpenAPI's `nullable: true` instead of a type list or union with null. Other type lists become a union. */
function nullable(node: JsonSchema): JsonSchema {
	const type = node["type"];
	if (Array.isArray(type) && !type.includes("null")) {
		if (type.length === 1) return { ...node, type: type[0] };
		return { ...without(node, "type"), anyOf: type.map((name) => ({ type: name })) };
	}
	if (Array.isArray(type) && type.includes("null")) {
		const others = type.filter((name) => name !== "null");
		if (others.length === 1) return { ...node, type: others[0], nullable: true };
		return { ...without(node, "type"), anyOf: others.map((name) => ({ type: name })), nullable: true };
	}
	const union = node["anyOf"];
	if (!Array.isArray(union) || !union.some(isNullSchema)) return node;
	const others = union.filter((schema) => !isNullSchema(schema));
	if (others.length !== 1) return { ...node, anyOf: others, nullable: true };
	return { ...asObject(others[0]), ...without(node, "anyOf"), nullable: true };
}

/** A list with one schema for each position becomes a list of any of them. */
function noTuples(node: JsonSchema): JsonSchema {
	const list = node["prefixItems"] ?? node["items"];
	if (!Array.isArray(list)) return node;
	const schemas = [...new Map(list.filter(isObject).map((item) => [JSON.stringify(item), item])).values()];
	const items = schemas.length > 1 ? { anyOf: schemas } : (schemas[0] ?? {});
	return { ...without(node, "prefixItems"), items };
}

/** Enums that are not all strings move into the description. */
function stringEnums(node: JsonSchema): JsonSchema {
	const values = node["enum"];
	if (!Array.isArray(values) || values.every((value) => typeof value === "string")) return node;
	const description = typeof node["description"] === "string" ? `${node["description"]} ` : "";
	return { ...without(node, "enum"), description: `${description}(one of: ${JSON.stringify(values)})` };
}

/** The type of a union moves into those of its branches that have none. */
function unionTypes(node: JsonSchema): JsonSchema {
	const { type, anyOf } = node;
	if (type === undefined || !Array.isArray(anyOf)) return node;
	const typedBranch = (branch: unknown) =>
		isObject(branch) && !UNIONS.some((name) => name in branch) && !("type" in branch) ? { type, ...branch } : branch;
	return { ...without(node, "type"), anyOf: anyOf.map(typedBranch) };
}

/** An array says what its items are. A tuple becomes an array of any of its items. */
function arrayItems(node: JsonSchema): JsonSchema {
	const { items, prefixItems } = node;
	const tuple = Array.isArray(items) ? items : prefixItems;
	if (Array.isArray(tuple)) {
		const schemas = [...new Map(tuple.map((item) => [JSON.stringify(item), item])).values()];
		return { ...without(node, "prefixItems"), items: schemas.length === 1 ? schemas[0] : { anyOf: schemas } };
	}
	const isArray = [node["type"]].flat().includes("array");
	return isArray && items === undefined ? { ...node, items: {} } : node;
}

const UNIONS = ["anyOf", "oneOf", "allOf", "$ref"];

/** Each schema has a type: the one that its keywords imply, or any. */
function typed(node: JsonSchema): JsonSchema {
	if ("type" in node || UNIONS.some((name) => name in node)) return node;
	if ("properties" in node) return { ...node, type: "object" };
	if ("items" in node) return { ...node, type: "array" };
	const values = [node["enum"] ?? node["const"] ?? []].flat();
	const types = [...new Set(values.map((value) => typeof value))];
	const [type] = types;
	if (types.length === 1 && type !== "object") return { ...node, type };
	return { ...node, anyOf: ["string", "number", "boolean", "object"].map((name) => ({ type: name })) };
}

/** A union at the root becomes one object with the properties of all branches. Required is what all of them require. */
function noRootUnion(root: JsonSchema): JsonSchema {
	const keyword = ["anyOf", "oneOf", "allOf"].find((name) => Array.isArray(root[name]));
	if (!keyword) return root;
	const branches = [root[keyword]].flat().filter(isObject);
	const properties = Object.assign({}, ...branches.map((branch) => branch["properties"]), root["properties"]);
	const requiredBy = branches.map(requiredKeys);
	const common =
		keyword === "allOf"
			? requiredBy.flat()
			: (requiredBy[0] ?? []).filter((name) => requiredBy.every((names) => names.includes(name)));
	const required = [...new Set([...requiredKeys(root), ...common])];
	return { ...without(root, keyword), properties, ...(required.length > 0 && { required }) };
}

function requiredKeys(schema: JsonSchema): unknown[] {
	return Array.isArray(schema["required"]) ? schema["required"] : [];
}

function isNullSchema(schema: unknown): boolean {
	return isObject(schema) && (schema["type"] === "null" || schema["const"] === null);
}

function without(node: JsonSchema, keyword: string): JsonSchema {
	if (!(keyword in node)) return node;
	const { [keyword]: _removed, ...rest } = node;
	return rest;
}
