import type { Variables } from "../platform/paths.ts";
import { describeModel } from "../profile/model/describe-model.ts";
import { modelOf, type Profile, profilesInPlay, type Tier } from "../profile/model/profile.ts";
import { secretsOf } from "../profile/model/secrets-of.ts";
import { isClaudeModel, limitVariables } from "./limit-variables.ts";
import { type ModelRow, modelRows } from "./model-picker.ts";

/** Changes to the child's environment; everything else is inherited. */
export interface EnvironmentChanges {
	set: Record<string, string>;
	/** Names that are removed; only those that were set. */
	unset: string[];
}

export interface LaunchFacts {
	profile: Profile;
	proxy: { url: string; token: string };
	/** Variables of cc-any itself. */
	parent: Variables;
	/** The proxy does not end with the child (`serve`). */
	outlivesChild?: boolean | undefined;
	/** Model in claude's `--model`, if any: its limits are set. */
	requestedModel?: string | undefined;
}

/** Tiers that Claude Code has an alias for. */
const ALIAS_TIERS = ["opus", "sonnet", "haiku", "fable"] as const satisfies readonly Tier[];

/**
 * The proxy limits the waiting: it sends pings while a provider thinks and has its own time limits. Claude Code would
 * drop a silent stream after 300 s and start again without streaming. With 600 s it dropped one at 615 s despite
 * the pings (seen with 2.1.330), so it gets the longest time that it accepts. The user's own values stay.
 */
const TIMEOUT_VARIABLES = {
	CLAUDE_STREAM_IDLE_TIMEOUT_MS: "1800000",
	API_FORCE_IDLE_TIMEOUT: "0",
	API_TIMEOUT_MS: "1800000",
};

/**
 * Switches off what hands a running session to Claude Code's own supervisor: `/background`, `claude agents`, `--bg`. The
 * supervisor outlives cc-any and its proxy: Claude Code reports a started session, which never reaches a model
 * (measured with 2.1.332).
 */
const WITHOUT_SUPERVISOR = { CLAUDE_CODE_DISABLE_AGENT_VIEW: "1" };

/** Variables that would make Claude Code bypass the proxy, or use another provider or a second credential. */
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

/**
 * Never removed, even if the value equals a key: a local server's key may be `ollama`, and so may USER. The second half
 * are the variables of Windows, where PATH is written `Path`.
 */
const ESSENTIAL = new Set([
	...["HOME", "LANG", "LOGNAME", "PATH", "PWD", "SHELL", "TERM", "TMPDIR", "USER"],
	...["APPDATA", "COMSPEC", "LOCALAPPDATA", "PATHEXT", "SYSTEMROOT", "TEMP", "TMP", "USERNAME", "USERPROFILE"],
]);

/** A shorter key, such as `none`, is only recognised as a whole value, not inside another one. */
const MIN_EMBEDDED_SECRET_CHARS = 8;

/**
 * The environment in which Claude Code talks only to the proxy, and sees no provider key.
 *
 * `CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST` makes the base URL, the token and all model variables immune to every settings
 * file; without it, the user's or a project's settings override the environment (measured with Claude Code 2.1.197 and
 * 2.1.330).
 */
export function environmentFor({
	profile,
	proxy,
	parent,
	requestedModel,
	outlivesChild,
}: LaunchFacts): EnvironmentChanges {
	const set = {
		ANTHROPIC_BASE_URL: proxy.url,
		ANTHROPIC_AUTH_TOKEN: proxy.token,
		CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST: "1",
		CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
		// Names each request's class in a header (2.1.332; without effect in 2.1.197).
		CLAUDE_CODE_GATEWAY_HINT_HEADERS: "1",
		...(outlivesChild ? {} : WITHOUT_SUPERVISOR),
		...modelVariables(profile),
		...limitVariables(profile, parent, requestedModel),
		...Object.fromEntries(Object.entries(TIMEOUT_VARIABLES).filter(([name]) => !parent[name])),
		...loopbackBypass(parent),
	};
	// claude's child processes do not need the key of a telemetry collector either.
	const inHeaders = profilesInPlay(profile).flatMap(({ headerVariables = [] }) => headerVariables);
	const removed = [...CONFLICTING, "CC_ANY_OTLP_HEADERS", ...keyVariables(profile, parent), ...inHeaders];
	const unset = [...new Set(removed)]
		.filter((name) => parent[name] !== undefined && !(name in set) && !ESSENTIAL.has(name.toUpperCase()))
		.sort();
	return { set, unset };
}

/** The whole environment of a child. Windows ignores the case of names: `Anthropic_Api_Key` is ANTHROPIC_API_KEY. */
export function applyChanges(
	parent: Variables,
	{ set, unset }: EnvironmentChanges,
	platform: NodeJS.Platform = process.platform,
): Record<string, string> {
	const keyOf = (name: string): string => (platform === "win32" ? name.toUpperCase() : name);
	const changed = new Set([...Object.keys(set), ...unset].map(keyOf));
	const kept = Object.entries(parent).filter(
		(entry): entry is [string, string] => entry[1] != null && !changed.has(keyOf(entry[0])),
	);
	return { ...Object.fromEntries(kept), ...set };
}

/**
 * All four tiers are set, because a missing one falls back to a real `claude-*` id. ANTHROPIC_MODEL is the opus tier:
 * opus is Claude Code's default alias, so "Default" in `/model` returns to the first model; and it overrides a `model`
 * key in the user's settings. CLAUDE_CODE_SUBAGENT_MODEL overrides even an agent's own `model: haiku`, so it is set
 * only if the profile has another model for subagents than the main one.
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
	// Else "Default" in `/model` of 2.1.332 is `foo[1m]`, with a window of a million tokens, as Claude's own models have.
	if (!isClaudeModel(tiers.opus)) variables["ANTHROPIC_DEFAULT_MODEL"] = tiers.opus;
	return { ...variables, ...customOption(modelRows(profile)) };
}

/** The one additional row of `/model` in versions without the `modelPicker` setting. */
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

/** HTTP_PROXY would apply to loopback traffic too, so loopback is added to the user's own exceptions. */
function loopbackBypass(parent: Variables): Record<string, string> {
	const hosts = [parent["NO_PROXY"], parent["no_proxy"], "127.0.0.1,localhost"]
		.flatMap((list) => (list ?? "").split(","))
		.map((host) => host.trim())
		.filter((host) => host !== "");
	const list = [...new Set(hosts)].join(",");
	return { NO_PROXY: list, no_proxy: list };
}

/** Variables that hold a secret of the profile, in whole or inside a longer value. */
function keyVariables(profile: Profile, parent: Variables): string[] {
	const secrets = secretsOf(profile);
	const holdsSecret = (value: string): boolean =>
		secrets.some(
			(secret) => value === secret || (secret.length >= MIN_EMBEDDED_SECRET_CHARS && value.includes(secret)),
		);
	const holders = Object.entries(parent).filter(([, value]) => value && holdsSecret(value));
	return holders.map(([name]) => name);
}
