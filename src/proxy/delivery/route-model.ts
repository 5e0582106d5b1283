import type { Profile, Tier } from "../../profile/model/profile.ts";
import { type Destination, destinationOf } from "../../profile/model/profile.ts";
import type { Note } from "../../protocol/divergence.ts";

/** Words in a Claude model id that name its tier, in the order they are looked for. */
const TIER_WORDS: readonly Tier[] = ["fable", "opus", "sonnet", "haiku"];

/**
 * The model for the id that Claude Code asked for. A model of the profile, and any unknown name that is not Claude's,
 * goes upstream as it is; `profile/model` goes to that profile, where `also` names it; a stray `claude-*` id (Explore
 * subagents, saved sessions, the user's settings) goes to the tier that its name tells, else to the main model.
 */
export function routeModel(profile: Profile, requested: string, note: Note): Destination {
	// `[1m]` is Claude Code's own selector of a 1M window, not part of an id.
	const id = requested.replace(/\[1m\]$/, "");
	// First, because a router's own ids may look like `profile/model` too.
	if (profile.models[id]) return { profile, model: id };
	const elsewhere = destinationOf(profile, id);
	if (elsewhere) return elsewhere;
	if (!/^(claude-|anthropic\.)/.test(id)) return { profile, model: id };
	const tier = TIER_WORDS.find((word) => id.includes(word)) ?? "opus";
	const model = profile.tiers[tier];
	note({ kind: "model-mapped", where: "request.model", seen: requested, done: `sent to ${model} (tier ${tier})` });
	return { profile, model };
}
