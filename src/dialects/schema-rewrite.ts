import type { JsonSchema } from "../anthropic/messages.ts";
import type { Quirks } from "../profile/quirks.ts";

type Rewrite = Quirks["schemaRewrite"][number];

/** Rewrites of one schema, its inner schemas being done already. */
const NODE_REWRITES: Partial<Record<Rewrite, (node: JsonSchema) => JsonSchema>> = {
	"const-to-enum": (node) => ("const" in node ? { ...without(node, "const"), enum: [node["const"]] } : node),
	"one-of-to-any-of": (node) => ("oneOf" in node ? { ...without(node, "oneOf"), anyOf: node["oneOf"] } : node),
	"no-boolean-schemas": noBooleanSchemas,
	nullable,
	"string-enums": stringEnums,
};

export function rewriteNode(node: JsonSchema, rewrites: readonly Rewrite[]): JsonSchema {
	return rewrites.reduce((changed, rewrite) => NODE_REWRITES[rewrite]?.(changed) ?? changed, node);
}

/** Rewrites of the outermost schema alone. */
export function rewriteRoot(root: JsonSchema, rewrites: readonly Rewrite[]): JsonSchema {
	return rewrites.includes("no-root-union") ? noRootUnion(root) : root;
}

/**
 * Puts the definition in the place of each local `$ref`; what stands beside the reference wins. A definition that
 * contains itself becomes `{}` at its second occurrence: any value, which is true, if less exact.
 */
export function inlineReferences(root: JsonSchema): JsonSchema {
	const resolve = (value: unknown, open: readonly string[]): unknown => {
		if (Array.isArray(value)) return value.map((item) => resolve(item, open));
		if (!isObject(value)) return value;
		const reference = value["$ref"];
		if (typeof reference !== "string") {
			return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, resolve(child, open)]));
		}
		const target = open.includes(reference) ? {} : definition(root, reference);
		const beside = resolve(without(value, "$ref"), open) as JsonSchema;
		return { ...(resolve(target, [...open, reference]) as JsonSchema), ...beside };
	};
	return without(without(resolve(root, []) as JsonSchema, "$defs"), "definitions");
}

function definition(root: JsonSchema, reference: string): JsonSchema {
	if (!reference.startsWith("#/")) return {};
	let node: unknown = root;
	for (const part of reference.slice(2).split("/")) {
		node = isObject(node) ? node[part.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
	}
	return isObject(node) ? node : {};
}

/** `true` and `false` as schemas: grammar builders of local servers know objects only. */
function noBooleanSchemas(node: JsonSchema): JsonSchema {
	const asObject = (value: unknown) => (value === true ? {} : value === false ? { not: {} } : value);
	const changed: JsonSchema = { ...node };
	if (typeof node["items"] === "boolean") changed["items"] = asObject(node["items"]);
	for (const keyword of ["anyOf", "oneOf", "allOf", "prefixItems"]) {
		const value = node[keyword];
		if (Array.isArray(value)) changed[keyword] = value.map(asObject);
	}
	if (isObject(node["properties"])) {
		changed["properties"] = Object.fromEntries(
			Object.entries(node["properties"]).map(([name, value]) => [name, asObject(value)]),
		);
	}
	return changed;
}

/** OpenAPI's `nullable: true` in the place of a type list or union with null. */
function nullable(node: JsonSchema): JsonSchema {
	const type = node["type"];
	if (Array.isArray(type) && type.includes("null")) {
		const others = type.filter((name) => name !== "null");
		if (others.length === 1) return { ...node, type: others[0], nullable: true };
		return { ...without(node, "type"), anyOf: others.map((name) => ({ type: name })), nullable: true };
	}
	const union = node["anyOf"];
	if (!Array.isArray(union) || !union.some(isNullSchema)) return node;
	const others = union.filter((schema) => !isNullSchema(schema));
	if (others.length !== 1) return { ...node, anyOf: others, nullable: true };
	return { ...(others[0] as JsonSchema), ...without(node, "anyOf"), nullable: true };
}

/** Enums of other values than strings are told in the description instead. */
function stringEnums(node: JsonSchema): JsonSchema {
	const values = node["enum"];
	if (!Array.isArray(values) || values.every((value) => typeof value === "string")) return node;
	const description = typeof node["description"] === "string" ? `${node["description"]} ` : "";
	return { ...without(node, "enum"), description: `${description}(one of: ${JSON.stringify(values)})` };
}

/** A union at the root as one object that has the properties of all; what all of them require stays required. */
function noRootUnion(root: JsonSchema): JsonSchema {
	const keyword = ["anyOf", "oneOf", "allOf"].find((name) => Array.isArray(root[name]));
	if (!keyword) return root;
	const branches = (root[keyword] as unknown[]).filter(isObject);
	const properties = Object.assign({}, ...branches.map((branch) => branch["properties"]), root["properties"]);
	const requiredBy = branches.map((branch) => (branch["required"] as string[] | undefined) ?? []);
	const common =
		keyword === "allOf"
			? requiredBy.flat()
			: (requiredBy[0] ?? []).filter((name) => requiredBy.every((names) => names.includes(name)));
	const required = [...new Set([...((root["required"] as string[] | undefined) ?? []), ...common])];
	return { ...without(root, keyword), properties, ...(required.length > 0 && { required }) };
}

function isNullSchema(schema: unknown): boolean {
	return isObject(schema) && (schema["type"] === "null" || schema["const"] === null);
}

function isObject(value: unknown): value is JsonSchema {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function without(node: JsonSchema, keyword: string): JsonSchema {
	if (!(keyword in node)) return node;
	const { [keyword]: _removed, ...rest } = node;
	return rest;
}
