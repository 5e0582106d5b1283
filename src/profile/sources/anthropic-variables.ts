import type { Variables } from "../../platform/paths.ts";
import type { ProfileFile } from "../model/schema.ts";
import { builtinForUrl, readBuiltin } from "./builtin.ts";
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
	const baseUrl = env["ANTHROPIC_BASE_URL"];
	const key = ["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"].find((name) => env[name]);
	if (!baseUrl || !key) return undefined;
	const isBearer = key === "ANTHROPIC_AUTH_TOKEN";
	const auth = isBearer ? { header: "authorization", value: "Bearer {key}" } : { header: "x-api-key", value: "{key}" };
	const tiers: Record<string, string> = {};
	for (const [tier, names] of Object.entries(TIER_VARIABLES)) {
		const model = names.map((name) => env[name]).find((text) => text && !TIER_ALIASES.test(text));
		if (model) tiers[tier] = model;
	}
	const values: ProfileFile = {
		title: baseUrl,
		status: "user",
		dialect: "anthropic",
		endpoints: { anthropic: { baseUrl, auth } },
		key: `env:${key}`,
		tiers,
	};
	const own: Layer = { values, kind: "variable", source: "ANTHROPIC_*", folder: "." };
	return [(await builtinForUrl(baseUrl)) ?? (await claudeModels()), own];
}

/** An unknown Anthropic-compatible gateway is asked for Claude's own models, as Claude Code itself would. */
async function claudeModels(): Promise<Layer> {
	const anthropic = await readBuiltin("anthropic");
	if (!anthropic) throw new Error("the built-in profile anthropic is missing");
	const { models = {}, tiers = {} } = anthropic.values;
	return { ...anthropic, values: { models, tiers } };
}
