import type { Quirks } from "../../profile/model/quirks.ts";
import type { JsonSchema } from "../../protocol/messages.ts";
import { providerSchema } from "../tools/schema.ts";

/** What Gemini's schemas can say. Any other keyword is answered with 400 "Cannot find field". Source: quirks.md 4. */
const KEYWORDS = new Set(["type", "description", "nullable", "enum", "properties", "required", "items", "anyOf"]);

const REWRITES: Quirks["schemaRewrite"] = [
	"inline-refs",
	"const-to-enum",
	"one-of-to-any-of",
	"no-boolean-schemas",
	"no-root-union",
	"nullable",
	"string-enums",
];

/** A schema in the subset of OpenAPI that Gemini reads. */
export function geminiSchema(schema: JsonSchema | undefined, quirks: Quirks): JsonSchema {
	const schemaRewrite = [...new Set([...quirks.schemaRewrite, ...REWRITES])];
	return complete(providerSchema(schema, { ...quirks, schemaRewrite }, KEYWORDS));
}

/** Adds what JSON Schema leaves open and Gemini demands: a type, the items of a list, properties for each required one. */
function complete(node: JsonSchema): JsonSchema {
	const completed: JsonSchema = { ...typeOf(node), ...node };
	if (isObject(node["properties"])) {
		const entries = Object.entries(node["properties"]).map(([name, child]) => [name, inner(child)]);
		completed["properties"] = Object.fromEntries(entries);
		const required = Array.isArray(node["required"]) ? (node["required"] as string[]) : [];
		const known = required.filter((name) => name in (node["properties"] as object));
		if (known.length > 0) completed["required"] = known;
		else delete completed["required"];
	} else delete completed["required"];
	if (completed["type"] === "array") completed["items"] = inner(node["items"] ?? {});
	if (Array.isArray(node["anyOf"])) completed["anyOf"] = node["anyOf"].map(inner);
	return completed;
}

function inner(child: unknown): unknown {
	return isObject(child) ? complete(child) : child;
}

/** The type of a schema that names none. Of any value at all, a text can say the most. */
function typeOf(node: JsonSchema): JsonSchema {
	if (node["type"] !== undefined || node["anyOf"] !== undefined) return {};
	if (isObject(node["properties"])) return { type: "object" };
	return { type: node["items"] === undefined ? "string" : "array" };
}

function isObject(value: unknown): value is JsonSchema {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
