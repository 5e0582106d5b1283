import { secretsOf } from "../profile/keys/secrets-of.ts";
import { describeModel } from "../profile/model/describe-model.ts";
import { destinationOf } from "../profile/model/others.ts";
import type { Profile, Tier } from "../profile/model/profile.ts";
import { modelOf } from "../profile/model/profile.ts";
import { type ModelRow, modelRows } from "./model-picker.ts";

/** What is changed in the child's environment; everything else is inherited. */
export interface EnvironmentChanges {
	set: Record<string, string>;
	/** Names that are removed; only those that were there. */
	unset: string[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface LaunchFacts {
	profile: Profile;
	proxy: { url: string; token: string };
	/** Environment of cc-any itself. */
	parent: Environment;
	/** Model that claude is asked for with `--model`, if any: its limits count too. */
	requestedModel?: string | undefined;
}

/** Tiers that Claude Code has an alias for. */
const ALIAS_TIERS = ["opus", "sonnet", "haiku", "fable"] as const satisfies readonly Tier[];

/** Claude Code cuts a greater CLAUDE_CODE_MAX_OUTPUT_TOKENS down to this itself. */
const MAX_OUTPUT_CEILING = 128_000;

/**
 * Waiting is the proxy's business: it pings while a provider thinks and has its own limits. Claude Code would drop a
 * silent stream after 300 s and start again without streaming; with 600 s here it dropped one at 615 s in spite of the
 * pings (seen), so it is given the longest it takes. The user's own values stay.
 */
const PATIENCE = {
	CLAUDE_STREAM_IDLE_TIMEOUT_MS: "1800000",
	API_FORCE_IDLE_TIMEOUT: "0",
	API_TIMEOUT_MS: "1800000",
};

/** Variables that would lead Claude Code past the proxy, to another provider, or to a second credential. */
const CONFLICTING = [
	"ANTHROPIC_API_KEY",
	"ANTHROPIC_CUSTOM_HEADERS",
	"ANTHROPIC_DEFAULT_MODEL",
	"ANTHROPIC_SMALL_FAST_MODEL",
	"ANTHROPIC_UNIX_SOCKET",
	"CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR",
	"CLAUDE_CODE_EXTRA_BODY",
	"CLAUDE_CODE_HOST_AUTH_ENV_VAR",
	"CLAUDE_CODE_OAUTH_TOKEN",
	"CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR",
	"CLAUDE_CODE_SUBAGENT_MODEL",
	"CLAUDE_CODE_USE_ANTHROPIC_AWS",
	"CLAUDE_CODE_USE_BEDROCK",
	"CLAUDE_CODE_USE_FOUNDRY",
	"CLAUDE_CODE_USE_GATEWAY",
	"CLAUDE_CODE_USE_MANTLE",
	"CLAUDE_CODE_USE_VERTEX",
	"_CLAUDE_CODE_ASSUME_FIRST_PARTY_BASE_URL",
	...ALIAS_TIERS.flatMap((tier) => [
		`${tierVariable(tier)}_DESCRIPTION`,
		`${tierVariable(tier)}_SUPPORTED_CAPABILITIES`,
	]),
];

/** Never removed, even where the value equals a key: a local server's key may well be the word `ollama`. */
const ESSENTIAL = new Set(["HOME", "LANG", "LOGNAME", "PATH", "PWD", "SHELL", "TERM", "TMPDIR", "USER"]);

/** A shorter key, such as `none`, is only recognised as a whole value, not inside another one. */
const SHORTEST_SECRET = 8;

/**
 * The environment in which Claude Code talks to the proxy and to nothing else, and sees no provider key.
 *
 * `CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST` makes the base URL, the token and all model variables immune to every settings
 * file; without it a user's or a project's settings beat the environment (measured with 2.1.197 and 2.1.330).
 */
export function environmentFor({ profile, proxy, parent, requestedModel }: LaunchFacts): EnvironmentChanges {
	const set = {
		ANTHROPIC_BASE_URL: proxy.url,
		ANTHROPIC_AUTH_TOKEN: proxy.token,
		CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST: "1",
		CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
		...modelVariables(profile),
		...limitVariables(profile, parent, requestedModel),
		...Object.fromEntries(Object.entries(PATIENCE).filter(([name]) => !parent[name])),
		...loopbackBypass(parent),
	};
	// The key of a telemetry collector is no business of claude's children either.
	const removed = [...CONFLICTING, "CC_ANY_OTLP_HEADERS", ...keyVariables(profile, parent)];
	const unset = [...new Set(removed)].filter((name) => parent[name] !== undefined && !(name in set)).sort();
	return { set, unset };
}

/** The whole environment of a child. */
export function applyChanges(parent: Environment, changes: EnvironmentChanges): Record<string, string> {
	const environment = { ...parent, ...changes.set };
	for (const name of changes.unset) delete environment[name];
	return Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => entry[1] != null));
}

/**
 * All four tiers are set, because a missing one falls back to a real `claude-*` id. ANTHROPIC_MODEL is the opus tier:
 * opus is Claude Code's default alias, so the first model is the one that "Default" in `/model` returns to; and being
 * set at all, it beats a `model` key in the user's settings. CLAUDE_CODE_SUBAGENT_MODEL overrides even an agent's own
 * `model: haiku`, so it is set only where a profile wants another model for subagents than the main one.
 */
function modelVariables(profile: Profile): Record<string, string> {
	const { tiers } = profile;
	const variables: Record<string, string> = { ANTHROPIC_MODEL: tiers.opus };
	for (const tier of ALIAS_TIERS) {
		variables[tierVariable(tier)] = tiers[tier];
		const model = modelOf(profile, tiers[tier]);
		variables[`${tierVariable(tier)}_NAME`] = model.title ?? tiers[tier];
		const description = describeModel(model);
		if (description !== "") variables[`${tierVariable(tier)}_DESCRIPTION`] = description;
	}
	if (tiers.subagent !== tiers.opus) variables["CLAUDE_CODE_SUBAGENT_MODEL"] = tiers.subagent;
	return { ...variables, ...customOption(modelRows(profile)) };
}

/** The one further row of `/model` that versions without the `modelPicker` setting have. */
function customOption([row]: readonly ModelRow[]): Record<string, string> {
	if (!row) return {};
	return {
		ANTHROPIC_CUSTOM_MODEL_OPTION: row.model,
		ANTHROPIC_CUSTOM_MODEL_OPTION_NAME: row.label,
		ANTHROPIC_CUSTOM_MODEL_OPTION_DESCRIPTION: row.description,
	};
}

function tierVariable(tier: Tier): string {
	return `ANTHROPIC_DEFAULT_${tier.toUpperCase()}_MODEL`;
}

/**
 * The smallest limits in play, since Claude Code knows one window for all its models; a lower value of the user's own
 * stays. Both window variables are needed: 2.1.197 never compacts with only the first. An unknown limit is not invented.
 */
function limitVariables(profile: Profile, parent: Environment, requestedModel?: string): Record<string, string> {
	const ids = new Set(Object.values(profile.tiers));
	if (requestedModel && profile.models[requestedModel]) ids.add(requestedModel);
	const models = [...ids].map((id) => modelOf(profile, id));
	const other = requestedModel && destinationOf(profile, requestedModel);
	if (other) models.push(modelOf(other.profile, other.model));
	const window = smallest(models.map((model) => model.contextWindow));
	const output = smallest(models.map((model) => model.maxOutput));

	const variables: Record<string, string> = {};
	const limit = (name: string, value: number | undefined): void => {
		if (value !== undefined) variables[name] = String(smallest([value, positive(parent[name])]));
	};
	limit("CLAUDE_CODE_MAX_CONTEXT_TOKENS", window);
	limit("CLAUDE_CODE_AUTO_COMPACT_WINDOW", window);
	limit("CLAUDE_CODE_MAX_OUTPUT_TOKENS", output && Math.min(output, MAX_OUTPUT_CEILING));
	return variables;
}

function smallest(values: readonly (number | undefined)[]): number | undefined {
	const known = values.filter((value) => value !== undefined);
	return known.length > 0 ? Math.min(...known) : undefined;
}

function positive(text: string | undefined): number | undefined {
	const value = Number(text);
	return value > 0 ? value : undefined;
}

/** HTTP_PROXY would swallow loopback traffic too, so loopback joins the user's own exceptions. */
function loopbackBypass(parent: Environment): Record<string, string> {
	const hosts = [parent["NO_PROXY"], parent["no_proxy"], "127.0.0.1,localhost"]
		.flatMap((list) => (list ?? "").split(","))
		.map((host) => host.trim())
		.filter((host) => host !== "");
	const list = [...new Set(hosts)].join(",");
	return { NO_PROXY: list, no_proxy: list };
}

/** Variables that hold a secret of the profile, in whole or inside a longer value. */
function keyVariables(profile: Profile, parent: Environment): string[] {
	const secrets = secretsOf(profile);
	const holdsSecret = (value: string): boolean =>
		secrets.some((secret) => value === secret || (secret.length >= SHORTEST_SECRET && value.includes(secret)));
	const holders = Object.entries(parent).filter(([, value]) => value && holdsSecret(value));
	return holders.map(([name]) => name).filter((name) => !ESSENTIAL.has(name));
}
