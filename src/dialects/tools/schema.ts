import { isObject } from "../../platform/json.ts";
import type { Quirks } from "../../profile/model/quirks.ts";
import type { JsonSchema } from "../../protocol/messages.ts";
import { inlineReferences, rewriteNode, rewriteRoot } from "./schema-rewrite.ts";

// Keywords that hold a schema, a list of schemas, and schemas by name. The values of all others are data.
const SCHEMA_KEYWORDS = [
	"items",
	"additionalProperties",
	"not",
	"if",
	"then",
	"else",
	"contains",
	"propertyNames",
	"unevaluatedProperties",
	"additionalItems",
];
const SCHEMA_LIST_KEYWORDS = ["anyOf", "oneOf", "allOf", "prefixItems", "items"];
const SCHEMA_MAP_KEYWORDS = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];

/** Keywords that do not constrain a value. They are removed without a word in the description. */
const ANNOTATIONS = new Set([
	"$schema",
	"$id",
	"$comment",
	"$defs",
	"definitions",
	"$ref",
	"title",
	"examples",
	"deprecated",
	"readOnly",
	"writeOnly",
	"additionalProperties",
	"default",
]);

/**
 * A tool's schema in the form that the provider accepts. Refused keywords are removed; those that constrain a value move
 * into the description, so that the model still knows them. The root is always an object with properties. `keep` lists
 * the keywords of a wire that accepts no others.
 */
export function providerSchema(schema: JsonSchema | undefined, quirks: Quirks, keep?: ReadonlySet<string>): JsonSchema {
	let root: JsonSchema = schema ?? {};
	if (quirks.schemaRewrite.includes("inline-refs")) root = inlineReferences(root);
	// Outermost first, so that the description shows inner schemas as they came.
	root = mapSchema(root, quirks, (node) => {
		const rewritten = rewriteNode(node, quirks.schemaRewrite);
		const unknown = keep ? Object.keys(rewritten).filter((keyword) => !keep.has(keyword)) : [];
		return removeKeywords(rewritten, [...quirks.schemaRemove, ...unknown]);
	});
	root = rewriteRoot(root, quirks.schemaRewrite);
	return { ...root, type: "object", properties: root["properties"] ?? {} };
}

function removeKeywords(node: JsonSchema, remove: readonly string[]): JsonSchema {
	const found = [...new Set(remove)].filter((keyword) => keyword in node);
	if (found.length === 0) return node;
	const rest = Object.fromEntries(Object.entries(node).filter(([keyword]) => !found.includes(keyword)));
	const described = found
		.filter((keyword) => !ANNOTATIONS.has(keyword))
		.map((keyword) => `${keyword}: ${JSON.stringify(node[keyword])}`);
	if (described.length === 0) return rest;
	const description = typeof node["description"] === "string" ? `${node["description"]} ` : "";
	return { ...rest, description: `${description}(${described.join(", ")})` };
}

/** Applies `change` to a schema and every schema inside it, outermost first. Property names are not keywords. */
function mapSchema(schema: JsonSchema, quirks: Quirks, change: (node: JsonSchema) => JsonSchema): JsonSchema {
	const inner = (value: unknown): unknown => {
		if (isObject(value)) return mapSchema(value, quirks, change);
		if (typeof value !== "boolean" || !quirks.schemaRewrite.includes("no-boolean-schemas")) return value;
		// llama.cpp's grammar builder accepts only objects ("Unrecognized schema: true").
		return value ? {} : { not: {} };
	};
	const node: JsonSchema = { ...change(schema) };
	for (const [keyword, value] of Object.entries(node)) {
		if (SCHEMA_KEYWORDS.includes(keyword) && isObject(value)) node[keyword] = inner(value);
		else if (SCHEMA_LIST_KEYWORDS.includes(keyword) && Array.isArray(value)) node[keyword] = value.map(inner);
		else if (SCHEMA_MAP_KEYWORDS.includes(keyword) && isObject(value)) {
			node[keyword] = Object.fromEntries(Object.entries(value).map(([name, child]) => [name, inner(child)]));
		}
	}
	return node;
}
