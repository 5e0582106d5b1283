import { isObject } from "../../platform/json.ts";
import type { Quirks } from "../../profile/model/quirks.ts";
import type { JsonSchema } from "../../protocol/messages.ts";
import { providerSchema } from "../tools/schema.ts";

/** The keywords that Gemini accepts. Others are answered with 400 "Cannot find field". Source: ai.google.dev/api/caching#Schema. */
const KEYWORDS = new Set(["type", "description", "nullable", "enum", "properties", "required", "items", "anyOf"]);

const REWRITES: Quirks["schemaRewrite"] = [
	"inline-refs",
	"const-to-enum",
	"one-of-to-any-of",
	"no-boolean-schemas",
	"no-root-union",
	"no-tuples",
	"nullable",
	"string-enums",
];

/** A schema in the subset of OpenAPI that Gemini accepts. */
export function geminiSchema(schema: JsonSchema | undefined, quirks: Quirks): JsonSchema {
	const schemaRewrite = [...new Set([...quirks.schemaRewrite, ...REWRITES])];
	return complete(providerSchema(schema, { ...quirks, schemaRewrite }, KEYWORDS));
}

/** Adds what Gemini requires and JSON Schema does not: a type and the items of a list. Drops unknown required keys. */
function complete(node: JsonSchema): JsonSchema {
	const completed: JsonSchema = withoutForeign({ ...typeOf(node), ...node });
	if (isObject(completed["properties"]) && isObject(node["properties"])) {
		const entries = Object.entries(node["properties"]).map(([name, child]) => [name, inner(child)]);
		completed["properties"] = Object.fromEntries(entries);
		const properties = node["properties"];
		const required = Array.isArray(node["required"]) ? node["required"] : [];
		const known = required.filter((name) => name in properties);
		if (known.length > 0) completed["required"] = known;
		else delete completed["required"];
	} else delete completed["required"];
	if (completed["type"] === "array") completed["items"] = inner(node["items"] ?? {});
	if (Array.isArray(node["anyOf"])) completed["anyOf"] = node["anyOf"].map(inner);
	return completed;
}

/** Without keywords that belong to another type, and without empty texts in an enum: Google answers 400 to each. */
function withoutForeign(node: JsonSchema): JsonSchema {
	const isOf = (type: string) => node["type"] === type || node["type"] === undefined;
	const values = Array.isArray(node["enum"]) ? node["enum"].filter((value) => value !== "") : [];
	const kept = Object.entries(node).flatMap(([keyword, value]): [string, unknown][] => {
		if (keyword === "properties" && !isOf("object")) return [];
		if (keyword === "items" && !isOf("array")) return [];
		if (keyword === "enum") return values.length > 0 ? [[keyword, values]] : [];
		return [[keyword, value]];
	});
	return Object.fromEntries(kept);
}

function inner(child: unknown): unknown {
	return isObject(child) ? complete(child) : child;
}

/** A type for a schema without one. For any value at all it is string, which can express the most. */
function typeOf(node: JsonSchema): JsonSchema {
	if (node["type"] !== undefined || node["anyOf"] !== undefined) return {};
	if (isObject(node["properties"])) return { type: "object" };
	return { type: node["items"] === undefined ? "string" : "array" };
}
