import { isModel, type Profile, type Tier } from "./profile.ts";

/** Words in a Claude model id that name its tier; the first that occurs counts. */
const TIER_WORDS: readonly Tier[] = ["fable", "opus", "sonnet", "haiku"];

/** Claude Code's aliases, which it sends unresolved in some cases (claude-code#16115, #31069). */
const ALIASES: Readonly<Record<string, Tier>> = {
	default: "opus",
	inherit: "opus",
	opus: "opus",
	opusplan: "opus",
	best: "fable",
	fable: "fable",
	sonnet: "sonnet",
	haiku: "haiku",
};

/** The tier of an alias in Claude Code's `--model`. */
export function tierOfAlias(alias: string): Tier | undefined {
	return Object.hasOwn(ALIASES, alias) ? ALIASES[alias] : undefined;
}

/**
 * The tier of a `claude-*` id or an alias of Claude Code. Undefined for a model of the profile, and for any
 * other id, which is sent as it is.
 */
export function tierOfId(profile: Profile, id: string): Tier | undefined {
	if (isModel(profile, id)) return undefined;
	if (!/^(claude-|anthropic\.)/.test(id)) return tierOfAlias(id);
	return TIER_WORDS.find((word) => id.includes(word)) ?? "opus";
}
