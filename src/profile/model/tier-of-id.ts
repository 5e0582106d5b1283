import { isModel, type Profile, type Tier } from "./profile.ts";

/** Words in a Claude model id that name its tier; the first that occurs counts. */
const TIER_WORDS: readonly Tier[] = ["fable", "opus", "sonnet", "haiku"];

/** Claude Code's aliases, which it sends unresolved in some cases (claude-code#16115, #31069). */
const ALIASES = new Set([...TIER_WORDS, "inherit", "default", "best", "opusplan"]);

/**
 * The tier that a `claude-*` id or an alias of Claude Code stands for. Undefined for a model of the profile, and for any
 * other id, which is sent as it is.
 */
export function tierOfId(profile: Profile, id: string): Tier | undefined {
	if (isModel(profile, id) || !(/^(claude-|anthropic\.)/.test(id) || ALIASES.has(id))) return undefined;
	return TIER_WORDS.find((word) => id.includes(word)) ?? "opus";
}
