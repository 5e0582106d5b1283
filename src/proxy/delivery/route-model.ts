import { type Destination, destinationOf, type Profile, type Tier } from "../../profile/model/profile.ts";
import type { Note } from "../../protocol/divergence.ts";

/** Words in a Claude model id that name its tier; the first that occurs counts. */
const TIER_WORDS: readonly Tier[] = ["fable", "opus", "sonnet", "haiku"];

/** Claude Code's aliases, which it sends unresolved in some cases (claude-code#16115, #31069). */
const ALIASES = new Set([...TIER_WORDS, "inherit", "default", "best", "opusplan"]);

/**
 * The profile and model for the model id in a request. A model of the profile, and an unknown id that is not Claude's, is
 * sent as it is; `profile/model` goes to another profile that `also` names. A `claude-*` id, which subagents, saved
 * sessions and the user's settings contain, and an alias of Claude Code become the model of the tier in the name, else the
 * main model.
 */
export function routeModel(profile: Profile, requested: string, note: Note): Destination {
	// Claude Code appends `[1m]` to select a window of a million tokens; it is not part of the id.
	const id = requested.replace(/\[1m\]$/, "");
	// First, because a router's own ids may look like `profile/model` too.
	if (isModel(profile, id)) return { profile, model: id };
	const elsewhere = destinationOf(profile, id);
	if (elsewhere) return elsewhere;
	if (!/^(claude-|anthropic\.)/.test(id) && !ALIASES.has(id)) return { profile, model: id };
	const tier = TIER_WORDS.find((word) => id.includes(word)) ?? "opus";
	const model = profile.tiers[tier];
	note({ kind: "model-mapped", where: "request.model", seen: requested, done: `sent to ${model} (tier ${tier})` });
	return { profile, model };
}

function isModel({ models }: Profile, id: string): boolean {
	return Object.hasOwn(models, id) || Object.values(models).some(({ aliases }) => aliases?.includes(id));
}
