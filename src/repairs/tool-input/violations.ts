import type { Json, JsonSchema } from "../../protocol/messages.ts";
import { hasType, isObject, optionsOf, propertiesOf, requiredOf, resolved, schemaTypes } from "./schema-types.ts";

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
