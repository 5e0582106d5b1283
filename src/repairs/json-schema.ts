import type { Json, JsonSchema } from "../protocol/messages.ts";

/** The `type` keywords of a schema, through anyOf and oneOf; empty when it names none. */
export function schemaTypes(schema: JsonSchema | undefined): Set<string> {
	const types = new Set<string>();
	if (!schema) return types;
	for (const type of [schema["type"]].flat()) if (typeof type === "string") types.add(type);
	for (const option of optionsOf(schema)) for (const type of schemaTypes(option)) types.add(type);
	if (types.size === 0 && Array.isArray(schema["enum"])) for (const value of schema["enum"]) types.add(typeOf(value));
	if (types.size === 0 && schema["const"] !== undefined) types.add(typeOf(schema["const"] as Json));
	return types;
}

/** The branches of anyOf and oneOf. */
export function optionsOf(schema: JsonSchema): JsonSchema[] {
	return ["anyOf", "oneOf"].flatMap((keyword) => (schema[keyword] as JsonSchema[] | undefined) ?? []);
}

export function propertiesOf(schema: JsonSchema | undefined): Record<string, JsonSchema> {
	return (schema?.["properties"] as Record<string, JsonSchema> | undefined) ?? {};
}

export function requiredOf(schema: JsonSchema | undefined): string[] {
	return Array.isArray(schema?.["required"]) ? (schema["required"] as string[]) : [];
}

/** JSON Schema's name for the type of a value. */
export function typeOf(value: Json): string {
	if (value === null) return "null";
	if (Array.isArray(value)) return "array";
	return typeof value;
}

export function hasType(value: Json, types: ReadonlySet<string>): boolean {
	if (types.size === 0 || types.has(typeOf(value))) return true;
	return typeof value === "number" && Number.isInteger(value) && types.has("integer");
}

export function isObject(value: Json | undefined): value is { [key: string]: Json } {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The schema that a local `$ref` names. */
export function resolved(schema: JsonSchema | undefined, root: JsonSchema): JsonSchema {
	const reference = schema?.["$ref"];
	if (typeof reference !== "string" || !reference.startsWith("#/")) return schema ?? {};
	const path = reference.slice(2).split("/");
	const target = path.reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], root);
	return (target as JsonSchema | undefined) ?? {};
}

/** What a schema does not allow about a value, in short words: types, missing and unknown keys, enums. */
export function violations(value: Json, given: JsonSchema | undefined, root: JsonSchema, path = ""): string[] {
	const schema = resolved(given, root);
	const options = optionsOf(schema);
	if (options.length > 0) {
		const fits = options.some((option) => violations(value, option, root, path).length === 0);
		return fits ? [] : [`${path || "input"} fits none of its forms`];
	}
	if (!hasType(value, schemaTypes(schema)))
		return [`${path || "input"} is no ${[...schemaTypes(schema)].join(" or ")}`];
	const allowed = schema["enum"];
	if (Array.isArray(allowed) && !allowed.includes(value)) return [`${path} is none of ${allowed.join(", ")}`];
	if (Array.isArray(value)) {
		const items = schema["items"] as JsonSchema | undefined;
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
			key in value ? violations(value[key] as Json, property, root, place(key)) : [],
		),
	];
}
