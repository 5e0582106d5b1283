import { asObject, isObject } from "../platform/json.ts";
import type { Json, JsonSchema } from "../protocol/messages.ts";

/** The types that a schema allows, including those of anyOf and oneOf; empty when it names none. */
export function schemaTypes(schema: JsonSchema | undefined): Set<string> {
	const types = new Set<string>();
	if (!schema) return types;
	for (const type of [schema["type"]].flat()) if (typeof type === "string") types.add(type);
	for (const option of optionsOf(schema)) for (const type of schemaTypes(option)) types.add(type);
	if (types.size === 0 && Array.isArray(schema["enum"]))
		for (const value of schema["enum"]) types.add(jsonTypeOf(value));
	if (types.size === 0 && schema["const"] !== undefined) types.add(jsonTypeOf(schema["const"]));
	return types;
}

/** The branches of anyOf and oneOf. */
export function optionsOf(schema: JsonSchema): JsonSchema[] {
	return ["anyOf", "oneOf"].flatMap((keyword) => [schema[keyword]].flat().filter(isObject));
}

export function propertiesOf(schema: JsonSchema | undefined): Record<string, JsonSchema> {
	const entries = Object.entries(asObject(schema?.["properties"]));
	return Object.fromEntries(entries.map(([key, property]) => [key, asObject(property)]));
}

export function itemsOf(schema: JsonSchema | undefined): JsonSchema | undefined {
	const items = schema?.["items"];
	return isObject(items) ? items : undefined;
}

export function requiredOf(schema: JsonSchema | undefined): string[] {
	return [schema?.["required"]].flat().filter((key) => typeof key === "string");
}

/** JSON Schema's name for the type of a value. */
function jsonTypeOf(value: unknown): string {
	if (value === null) return "null";
	if (Array.isArray(value)) return "array";
	return typeof value;
}

export function hasType(value: unknown, types: ReadonlySet<string>): boolean {
	if (types.size === 0 || types.has(jsonTypeOf(value))) return true;
	return typeof value === "number" && Number.isInteger(value) && types.has("integer");
}

/** The schema itself, or the one that its local `$ref` points at. */
export function resolved(schema: JsonSchema | undefined, root: JsonSchema): JsonSchema {
	const reference = schema?.["$ref"];
	if (typeof reference !== "string" || !reference.startsWith("#/")) return schema ?? {};
	const path = reference.slice(2).split("/");
	return asObject(path.reduce<unknown>((node, key) => asObject(node)[key], root));
}

/** Everything in a value that a schema does not allow: types, missing and unknown keys, enums. */
export function violations(value: Json, given: JsonSchema | undefined, root: JsonSchema, path = ""): string[] {
	const schema = resolved(given, root);
	const options = optionsOf(schema);
	if (options.length > 0) {
		const fits = options.some((option) => violations(value, option, root, path).length === 0);
		return fits ? [] : [`${path || "input"} fits none of its forms`];
	}
	if (!hasType(value, schemaTypes(schema)))
		return [`${path || "input"} is not of type ${[...schemaTypes(schema)].join(" or ")}`];
	const allowed = schema["enum"];
	if (Array.isArray(allowed) && !allowed.includes(value)) return [`${path} is none of ${allowed.join(", ")}`];
	if (Array.isArray(value)) {
		const items = itemsOf(schema);
		return items ? value.flatMap((item, index) => violations(item, items, root, `${path}[${index}]`)) : [];
	}
	return isObject(value) ? objectViolations(value, schema, root, path) : [];
}

function objectViolations(
	value: { [key: string]: Json },
	schema: JsonSchema,
	root: JsonSchema,
	path: string,
): string[] {
	const place = (key: string) => (path === "" ? key : `${path}.${key}`);
	const properties = propertiesOf(schema);
	const missing = requiredOf(schema).filter((key) => !(key in value));
	const unknown =
		schema["additionalProperties"] === false ? Object.keys(value).filter((key) => !(key in properties)) : [];
	return [
		...missing.map((key) => `${place(key)} is missing`),
		...unknown.map((key) => `${place(key)} is unknown`),
		...Object.entries(properties).flatMap(([key, property]) =>
			key in value ? violations(value[key] ?? null, property, root, place(key)) : [],
		),
	];
}
