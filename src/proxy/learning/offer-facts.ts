import { type Profile, targetOf } from "../../profile/model/profile.ts";
import { type Target, withDialect } from "../../profile/model/target.ts";
import type { Fact } from "./facts.ts";
import { type FactStore, LearnedFacts } from "./learned-facts.ts";

/** What earlier runs have learned about one model. */
export interface LearnedModel {
	model: string;
	facts: readonly Fact[];
	/** The fields of a profile that say the same: with them nothing has to be learned again. */
	fields: Record<string, unknown>;
}

/** What earlier runs have learned about the models of a profile. */
export function learnedModels(profile: Profile, store: FactStore): LearnedModel[] {
	const learned = new LearnedFacts(store);
	const models = [...new Set([...Object.values(profile.tiers), ...Object.keys(profile.models)])];
	return models
		.filter((model) => model !== "")
		.flatMap((model) => {
			const target = targetOf(profile, model);
			const applied = learned.apply(target);
			const switched = applied.dialect === target.dialect ? [] : learned.of(applied);
			const facts = [...learned.of(target), ...switched];
			return facts.length > 0 ? [{ model, facts, fields: differences(target, applied) }] : [];
		});
}

/** A model's fields in a profile, as far as they are to change. */
function differences(before: Target, applied: Target): Record<string, unknown> {
	const { dialect, contextWindow, maxOutput, vision, thinking, quirks } = applied;
	const base = withDialect(before, dialect);
	const changed = (from: object, to: object) => {
		const old = new Map(Object.entries(from).map(([name, value]) => [name, JSON.stringify(value)]));
		return Object.fromEntries(Object.entries(to).filter(([name, value]) => old.get(name) !== JSON.stringify(value)));
	};
	const changedQuirks = changed(base.quirks, quirks);
	return {
		...changed(
			{
				dialect: before.dialect,
				contextWindow: base.contextWindow,
				maxOutput: base.maxOutput,
				vision: base.vision,
				thinking: base.thinking,
			},
			{ dialect, contextWindow, maxOutput, vision, thinking },
		),
		...(Object.keys(changedQuirks).length > 0 && { quirks: changedQuirks }),
	};
}
