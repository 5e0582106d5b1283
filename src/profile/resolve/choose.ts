import type { Variables } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { guessDialect } from "../model/base-url.ts";
import type { ProfileFile } from "../model/schema.ts";
import { addressesOf, builtinForUrl, readBuiltin } from "../sources/builtin.ts";
import { readSettingsOverrides } from "../sources/claude-settings.ts";
import type { Config } from "../sources/config-files.ts";
import { type Layer, profileFields } from "../sources/layer.ts";
import { layersOfOverrides } from "../sources/model-overrides.ts";
import type { Overrides } from "../sources/overrides.ts";
import { canonicalName, isFile, layerOf, layersOf, type Reference, type Sources } from "../sources/sources.ts";

/** The profile that was chosen, before variables and flags are laid over it. */
export interface Base {
	name: string;
	layers: Layer[];
	/** It is an address without a profile. */
	adHoc?: boolean | undefined;
	chosenBy: "flag" | "variable" | "project" | "user" | "settings";
}

/** Nothing says which profile to use: on a terminal, a reason to ask. */
export class NoProfileChosen extends UserError {
	constructor() {
		super("no profile is chosen", {
			hint: "`cc-any init` sets one up; `cc-any profiles` lists what there is; then `cc-any --profile NAME`, or CC_ANY_PROFILE, or `profile: NAME` in a config file",
			exitCode: EXIT.config,
		});
	}
}

/** Chooses the profile: flags, variables, project, user, a `modelOverrides` block, ANTHROPIC_BASE_URL. */
export async function chooseBase(flags: Overrides, variables: Overrides, cwd: string, sources: Sources): Promise<Base> {
	for (const overrides of [flags, variables]) {
		const { profile, kind } = overrides;
		if (profile) return baseOf({ name: profile, kind: "user", folder: cwd }, kind, sources);
		if (overrides.baseUrl) return adHoc(overrides);
	}
	for (const config of [sources.project, sources.user]) {
		if (!config) continue;
		if (config.values.profile) return baseOf(referenceOf(config), config.kind, sources);
		demandNoStrayFields(config);
		const { modelOverrides } = config.values;
		const origin = layerOf(config, {}, ["modelOverrides"]);
		if (modelOverrides)
			return fromLayers("model-overrides", await layersOfOverrides(modelOverrides, origin), config.kind);
	}
	const pasted = await readSettingsOverrides(sources.environment);
	if (pasted)
		return fromLayers("model-overrides", await layersOfOverrides(pasted.overrides, pasted.origin), "settings");
	const inherited = await fromAnthropicVariables(sources.environment.env);
	if (inherited) return fromLayers("environment", inherited, "variable");
	throw new NoProfileChosen();
}

function referenceOf(config: Config): Reference {
	return { name: config.values.profile ?? "", ...layerOf(config, {}, []), kind: config.kind };
}

function fromLayers(name: string, layers: Layer[], chosenBy: Base["chosenBy"]): Base {
	return { name, layers, chosenBy };
}

/** The profile behind a reference, with the tops of the config files that name it. */
export async function baseOf(reference: Reference, chosenBy: Base["chosenBy"], sources: Sources): Promise<Base> {
	const { name, layers } = await layersOf(reference, sources);
	const user = await topLayer(sources.user, reference, name, sources);
	const project = await topLayer(sources.project, reference, name, sources);
	const belowProject = layers.findLastIndex((layer) => layer.kind !== "project") + 1;
	const ordered = [...layers.slice(0, belowProject), user, ...layers.slice(belowProject), project];
	const all = ordered.filter((layer) => layer !== undefined);
	return { name, layers: withGapsFilled(all), chosenBy };
}

/** A catalogue only fills gaps: that of a profile must not hide what the profile that it extends says. */
function withGapsFilled(layers: readonly Layer[]): Layer[] {
	const files = layers.filter(({ kind }) => kind !== "catalogue");
	const addresses = new Set(files.flatMap(addressesOf).map((address) => address.replace(/\/+$/, "")));
	const catalogues = layers.filter(({ kind, askedFrom }) => {
		return kind === "catalogue" && (askedFrom === undefined || addresses.has(askedFrom));
	});
	return [...catalogues, ...files];
}

/** What a config file says at its top: about the profile that it names itself, and about no other one. */
async function topLayer(config: Config | undefined, reference: Reference, name: string, sources: Sources) {
	const own = config?.values.profile;
	if (!config || !own) return undefined;
	const { folder } = layerOf(config, {}, []);
	const same = isFile(own)
		? own === reference.name && folder === reference.folder
		: (await canonicalName(own, sources)) === name;
	return same ? layerOf(config, profileFields(config.values), []) : undefined;
}

function demandNoStrayFields(config: Config): void {
	const [field] = Object.keys(profileFields(config.values));
	if (!field) return;
	throw new UserError(`${config.file}: ${field} is set, but the file names no profile that it belongs to`, {
		hint: `add \`profile: NAME\`, or write it under \`profiles: { NAME: { ${field}: … } }\``,
		exitCode: EXIT.config,
	});
}

/** A profile from an address alone. Where the address is a known provider's, its built-in profile lies beneath. */
async function adHoc({ baseUrl = "", model, dialect, keyEnv, kind }: Overrides): Promise<Base> {
	if (!model) {
		const how = kind === "flag" ? "--model NAME" : "CC_ANY_MODEL=NAME";
		throw new UserError(`the base URL ${baseUrl} needs a model`, {
			hint: `add ${how}: the model's name as the server knows it`,
			exitCode: EXIT.usage,
		});
	}
	const known = await builtinForUrl(baseUrl);
	const values: ProfileFile = {
		title: baseUrl,
		status: "user",
		dialect: dialect ?? guessDialect(baseUrl),
		...(known || keyEnv ? {} : { keyOptional: true }),
	};
	const own: Layer = { values, kind, source: "", folder: ".", nameOf: () => "base URL" };
	return { name: "custom", layers: known ? [known, own] : [own], adHoc: true, chosenBy: kind };
}

const TIER_VARIABLES = {
	opus: ["ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_MODEL"],
	sonnet: ["ANTHROPIC_DEFAULT_SONNET_MODEL", "ANTHROPIC_MODEL"],
	haiku: ["ANTHROPIC_DEFAULT_HAIKU_MODEL", "ANTHROPIC_SMALL_FAST_MODEL", "ANTHROPIC_MODEL"],
	fable: ["ANTHROPIC_DEFAULT_FABLE_MODEL", "ANTHROPIC_MODEL"],
	subagent: ["CLAUDE_CODE_SUBAGENT_MODEL"],
} as const;

/** Claude Code's own words for a tier, which are no model names. */
const TIER_ALIASES = /^(?:default|opusplan|opus|sonnet|haiku|fable|best)(?:\[1m\])?$/;

/** The endpoint that the user has set up for Claude Code itself. */
async function fromAnthropicVariables(env: Variables): Promise<Layer[] | undefined> {
	const baseUrl = env["ANTHROPIC_BASE_URL"];
	const key = ["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"].find((name) => env[name]);
	if (!baseUrl || !key) return undefined;
	const bearer = key === "ANTHROPIC_AUTH_TOKEN";
	const auth = bearer ? { header: "authorization", value: "Bearer {key}" } : { header: "x-api-key", value: "{key}" };
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
