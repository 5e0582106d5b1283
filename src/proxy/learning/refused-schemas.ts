import { providerSchema } from "../../dialects/tools/schema.ts";
import { DEFAULT_QUIRKS, type Quirks } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Failure } from "../../upstream/failures/classify.ts";
import type { RefusalFact } from "./facts.ts";
import type { SentRequest } from "./output-limits.ts";
import { toolDefinitions } from "./refused-parts.ts";

type Rewrite = Quirks["schemaRewrite"][number];

const ABOUT_SCHEMAS = /schema|function_declarations|parameters|input_schema|parameter type|\bref #|\$defs/i;

/** Schema rules as endpoints state them, and the rewrite after which a schema keeps them. */
const RULES: readonly (readonly [RegExp, readonly Rewrite[]])[] = [
	// Moonshot: earendil-works/pi#4138, MoonshotAI/kimi-cli#178; OpenAI: "schema must have a 'type' key".
	// Vertex AI: lobehub/lobehub, "didn't specify the schema type field".
	[
		/type is not defined|missing 'type'|(?:didn't specify the|incorrect) schema type|(?:must have|requires?) an? ['"`]?type\b/i,
		["typed"],
	],
	// Moonshot: MoonshotAI/kimi-cli#2061, lidge-jun/opencodex#2673, CommandCodeAI/command-code#594.
	[/\$ref|\$defs|references must|unresolv\w+ reference|(?:cannot|error) resolv\w*|\bref #/i, ["inline-refs"]],
	// OpenAI: langchain-ai/langchainjs#9804; Moonshot's "At path 'root'".
	// Fireworks shows a part of a union: earendil-works/pi#5352.
	[/top[- ]level|understand the instance|\broot\b|must have type ['"]?object|type: ['"]?None/i, ["no-root-union"]],
	// Moonshot: FTShare-Lab/FTShare-MCP#7, MoonshotAI/kimi-cli#2531.
	[/type should be defined in (?:any|one)Of/i, ["union-types", "one-of-to-any-of"]],
	// OpenAI: sigoden/aichat#1049; Moonshot: anomalyco/opencode#39995.
	[/missing items|\bitems\b|prefixItems|tuple/i, ["array-items"]],
	[/\bconst\b/i, ["const-to-enum"]],
	[/\boneOf\b/i, ["one-of-to-any-of"]],
	// Google: "Proto field is not repeating, cannot start list" for a list of types.
	[/not repeating, cannot start list|\bnullable\b|list of types|array of types/i, ["nullable"]],
	[/boolean schema|unrecogni[sz]ed schema: (?:true|false)|(?:true|false) is not of type/i, ["no-boolean-schemas"]],
	[/\benum\b[^.\n]{0,60}\bstring/i, ["string-enums"]],
];

/** Keywords that a schema can do without: they move into the description. */
const KEYWORDS = new Set(
	[
		"$schema $id $comment title default examples deprecated readOnly writeOnly format pattern minLength maxLength",
		"minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems uniqueItems contains minContains",
		"maxContains minProperties maxProperties additionalProperties patternProperties propertyNames not if then else",
		"dependentSchemas dependentRequired unevaluatedItems unevaluatedProperties contentMediaType contentEncoding",
	].flatMap((line) => line.split(" ")),
);

/** Schema rules of the endpoint that its error states and the sent tools break; the tools are all sent again. */
export function factOfSchema(
	{ message, refusal }: Failure,
	{ quirks }: Target,
	{ body }: SentRequest,
): RefusalFact | undefined {
	if (!ABOUT_SCHEMAS.test(message)) return undefined;
	const schemas = toolDefinitions(body).map((tool) => tool["parameters"] ?? tool["input_schema"]);
	const helps = (change: Partial<Quirks>) => {
		const changed: Quirks = { ...DEFAULT_QUIRKS, schemaRemove: [], ...change };
		return schemas.some((schema) => JSON.stringify(sent(schema, changed)) !== JSON.stringify(sent(schema, BARE)));
	};
	const isNew = (name: Rewrite) => !quirks.schemaRewrite.includes(name) && helps({ schemaRewrite: [name] });
	// The first rule that helps: a message names keywords also if it only lists what it accepts.
	const [, matched = []] = RULES.find(([pattern, names]) => pattern.test(message) && names.some(isNew)) ?? [];
	const rewrites = matched.filter(isNew);
	const quoted = [...message.matchAll(/[`'"]([$\w]{2,30})[`'"]/g)].map(([, name = ""]) => name);
	const keywords = [...quoted, ...(refusal?.paths ?? []).flatMap((path) => path.slice(-1))].filter(
		(name) => KEYWORDS.has(name) && !quirks.schemaRemove.includes(name) && helps({ schemaRemove: [name] }),
	);
	const changed = [...new Set([...rewrites, ...keywords])];
	if (changed.length === 0) return undefined;
	const schemaRewrite = [...new Set([...quirks.schemaRewrite, ...rewrites])];
	const schemaRemove = [...new Set([...quirks.schemaRemove, ...keywords])];
	const done = `with other tool schemas (${changed.join(", ")})`;
	return { quirks: { schemaRewrite, schemaRemove }, done, fields: ["tools"] };
}

const BARE: Quirks = { ...DEFAULT_QUIRKS, schemaRemove: [] };

function sent(schema: unknown, quirks: Quirks): unknown {
	return typeof schema === "object" && schema !== null ? providerSchema({ ...schema }, quirks) : schema;
}
