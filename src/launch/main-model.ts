import { destinationOf, type Model, modelOf, type Profile, withModel } from "../profile/model/profile.ts";
import { tierOfAlias, tierOfId } from "../profile/model/tier-of-id.ts";

/** The model that the main conversation runs on, and the profile that it belongs to. */
export function mainModel(profile: Profile, requested?: string): { owner: Profile; model: Model } {
	const id = requested?.replace(/\[1m\]$/, "");
	const other = id === undefined ? undefined : destinationOf(profile, id);
	if (other) return { owner: other.profile, model: modelOf(other.profile, other.model) };
	const tier = id === undefined ? "opus" : (tierOfAlias(id) ?? tierOfId(profile, id));
	return { owner: profile, model: modelOf(profile, tier ? profile.tiers[tier] : (id ?? profile.tiers.opus)) };
}

/** The profile with other values for the main model. */
export function withMainModel(profile: Profile, requested: string | undefined, changes: Partial<Model>): Profile {
	const { owner, model } = mainModel(profile, requested);
	const changed = withModel(owner, model.id, changes);
	if (owner === profile) return changed;
	return { ...profile, others: profile.others?.map((other) => (other === owner ? changed : other)) };
}
