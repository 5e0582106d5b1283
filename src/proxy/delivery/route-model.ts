import { type Destination, destinationOf, isModel, type Profile } from "../../profile/model/profile.ts";
import { tierOfId } from "../../profile/model/tier-of-id.ts";
import type { Note } from "../../protocol/divergence.ts";

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
	const tier = tierOfId(profile, id);
	if (tier === undefined) return { profile, model: id };
	const model = profile.tiers[tier];
	note({ kind: "model-mapped", where: "request.model", seen: requested, done: `sent to ${model} (tier ${tier})` });
	return { profile, model };
}
