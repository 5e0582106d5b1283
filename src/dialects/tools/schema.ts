import type { Quirks } from "../../profile/model/quirks.ts";
import type { JsonSchema } from "../../protocol/messages.ts";
import { inlineReferences, rewriteNode, rewriteRoot } from "./schema-rewrite.ts";

/** Keywords that hold one schema, a list of schemas, or schemas by name. Everything else is data, never descended into. */
const ONE = [
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
const LIST = ["anyOf", "oneOf", "allOf", "prefixItems", "items"];
const BY_NAME = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];

/** Keywords that say nothing about which values are right: removed without a word. */
const SILENT = new Set([
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
 * A tool's schema as the provider takes it. Keywords it refuses are removed, and those that constrain a value are told
 * in the description, so that the model still knows. The root is always an object with properties. `keep` names the
 * keywords of a wire that knows no others.
 */
export function providerSchema(schema: JsonSchema | undefined, quirks: Quirks, keep?: ReadonlySet<string>): JsonSchema {
	let root: JsonSchema = schema ?? {};
	if (quirks.schemaRewrite.includes("inline-refs")) root = inlineReferences(root);
	// What is removed is told as it was: a schema is changed before those inside it.
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
	const told = found
		.filter((keyword) => !SILENT.has(keyword))
		.map((keyword) => `${keyword}: ${JSON.stringify(node[keyword])}`);
	if (told.length === 0) return rest;
	const description = typeof node["description"] === "string" ? `${node["description"]} ` : "";
	return { ...rest, description: `${description}(${told.join(", ")})` };
}

/** Applies `change` to every schema inside `schema`, outermost first. Property names are never taken for keywords. */
function mapSchema(schema: JsonSchema, quirks: Quirks, change: (node: JsonSchema) => JsonSchema): JsonSchema {
	const inner = (value: unknown): unknown => {
		if (isSchema(value)) return mapSchema(value, quirks, change);
		if (typeof value !== "boolean" || !quirks.schemaRewrite.includes("no-boolean-schemas")) return value;
		// Grammar builders of local servers know schemas as objects only ("Unrecognized schema: true").
		return value ? {} : { not: {} };
	};
	const node: JsonSchema = { ...change(schema) };
	for (const [keyword, value] of Object.entries(node)) {
		if (ONE.includes(keyword) && isSchema(value)) node[keyword] = inner(value);
		else if (LIST.includes(keyword) && Array.isArray(value)) node[keyword] = value.map(inner);
		else if (BY_NAME.includes(keyword) && isSchema(value)) {
			node[keyword] = Object.fromEntries(Object.entries(value).map(([name, child]) => [name, inner(child)]));
		}
	}
	return node;
}

function isSchema(value: unknown): value is JsonSchema {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
