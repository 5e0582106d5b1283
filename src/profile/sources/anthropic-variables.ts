import type { Variables } from "../../platform/paths.ts";
import type { ProfileFile } from "../model/schema.ts";
import { builtinForUrl, builtinNameForUrl, readBuiltin } from "./builtin.ts";
import type { Layer } from "./layer.ts";

const TIER_VARIABLES = {
	opus: ["ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_MODEL"],
	sonnet: ["ANTHROPIC_DEFAULT_SONNET_MODEL", "ANTHROPIC_MODEL"],
	haiku: ["ANTHROPIC_DEFAULT_HAIKU_MODEL", "ANTHROPIC_SMALL_FAST_MODEL", "ANTHROPIC_MODEL"],
	fable: ["ANTHROPIC_DEFAULT_FABLE_MODEL", "ANTHROPIC_MODEL"],
	subagent: ["CLAUDE_CODE_SUBAGENT_MODEL"],
} as const;

/** Claude Code's aliases for tiers, which are not model names. */
const TIER_ALIASES = /^(?:default|opusplan|opus|sonnet|haiku|fable|best)(?:\[1m\])?$/;

/** The endpoint that the user has set up for Claude Code itself with ANTHROPIC_*, as layers; undefined without one. */
export async function layersOfAnthropicVariables(env: Variables): Promise<Layer[] | undefined> {
	const values = profileOfAnthropicVariables(env, (name) => `env:${name}`);
	if (!values || !("key" in values)) return undefined;
	const own: Layer = { values, kind: "variable", source: "ANTHROPIC_*", folder: "." };
	return [(await builtinForUrl(values.title)) ?? (await claudeModels()), own];
}

/** The same as a profile file, for an import: its key is in the file if `key` has it. */
export async function importedVariables(env: Variables, key: (name: string) => string) {
	const values = profileOfAnthropicVariables(env, key);
	if (!values) return undefined;
	const known = await builtinNameForUrl(values.title);
	if (known) return { extends: known, ...values };
	const { models, tiers } = (await claudeModels()).values;
	const isComplete = ["opus", "sonnet", "haiku"].every((tier) => tier in values.tiers);
	return isComplete ? values : { ...values, models, tiers: { ...tiers, ...values.tiers } };
}

function profileOfAnthropicVariables(env: Variables, keyOf: (name: string) => string) {
	const baseUrl = env["ANTHROPIC_BASE_URL"];
	const key = ["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"].find((name) => env[name]);
	if (!baseUrl) return undefined;
	const isBearer = key !== "ANTHROPIC_API_KEY";
	const auth = isBearer ? { header: "authorization", value: "Bearer {key}" } : { header: "x-api-key", value: "{key}" };
	const tiers: Record<string, string> = {};
	for (const [tier, names] of Object.entries(TIER_VARIABLES)) {
		const model = names.map((name) => env[name]).find((text) => text && !TIER_ALIASES.test(text));
		if (model) tiers[tier] = model;
	}
	const headers = headersIn(env["ANTHROPIC_CUSTOM_HEADERS"] ?? "");
	return {
		title: baseUrl,
		status: "user",
		dialect: "anthropic",
		endpoints: { anthropic: { baseUrl, auth, ...(Object.keys(headers).length > 0 && { headers }) } },
		...(key ? { key: keyOf(key) } : { keyOptional: true }),
		tiers,
	} satisfies ProfileFile;
}

/** The headers in ANTHROPIC_CUSTOM_HEADERS, one `Name: value` in a line. A `$` in a value is no variable of a profile. */
function headersIn(text: string): Record<string, string> {
	const lines = text.split(/\r?\n/).map((line) => /^\s*([\w!#$%&'*+.^`|~-]+)\s*:(.*)$/.exec(line));
	return Object.fromEntries(
		lines.flatMap((found) => (found ? [[found[1] ?? "", literal((found[2] ?? "").trim())]] : [])),
	);
}

/** A text that a profile takes as it is. */
export function literal(text: string): string {
	return text.replaceAll("$", "$$$$");
}

/** An unknown Anthropic-compatible gateway is asked for Claude's own models, as Claude Code itself would. */
async function claudeModels(): Promise<Layer> {
	const anthropic = await readBuiltin("anthropic");
	if (!anthropic) throw new Error("the built-in profile anthropic is missing");
	const { models = {}, tiers = {} } = anthropic.values;
	return { ...anthropic, values: { models, tiers } };
}
