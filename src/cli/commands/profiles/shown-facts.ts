import { stringify } from "yaml";
import type { Profile } from "../../../profile/model/profile.ts";
import { FactFiles } from "../../../proxy/learning/fact-files.ts";
import { learnedModels } from "../../../proxy/learning/offer-facts.ts";
import type { ShownFacts } from "./describe-profile.ts";

/** What earlier runs have learned about the models of a profile, with the lines for the profile that say the same. */
export function shownFacts(profile: Profile, folder: string): ShownFacts[] {
	return learnedModels(profile, new FactFiles({ folder })).map(({ model, facts, fields }) => ({
		model,
		facts: facts.map(({ done, at }) => `${done} (${new Date(at).toISOString().slice(0, 10)})`),
		lines: stringify({ models: { [model]: fields } }, { lineWidth: 0 }),
	}));
}
