import { EXIT, UserError } from "../../platform/user-error.ts";
import { type Model, TIERS, type Tier } from "../model/profile.ts";
import type { Merged } from "../sources/layer.ts";
import type { ValueReader } from "./value-reader.ts";

/**
 * Which tier's model serves a tier that no layer names, the first that is named: fable is an opus, subagents run as
 * opus.
 */
const TIER_FALLBACKS: Readonly<Record<Tier, readonly Tier[]>> = {
	opus: ["sonnet", "fable", "haiku", "subagent"],
	sonnet: ["opus", "haiku", "fable", "subagent"],
	haiku: ["sonnet", "opus", "fable", "subagent"],
	fable: ["opus", "sonnet", "haiku", "subagent"],
	// Claude Code itself gives subagents the main model; a variable would override an agent's own choice.
	subagent: ["opus", "sonnet", "haiku", "fable"],
};

/** Model id of every tier; aliases become ids, a `[1m]` selector of Claude Code is removed. "" where tolerated. */
export function resolveTiers(
	merged: Merged,
	models: Readonly<Record<string, Model>>,
	reader: ValueReader,
): Record<Tier, string> {
	const pick = (tier: Tier): string => {
		const source = namedTier(merged, tier);
		const text = source && merged.values.tiers?.[source];
		if (text) return modelId(reader.text(text, `tiers.${source}`), `tiers.${source}`, models, reader);
		if (reader.tolerant) return "";
		throw noModel(merged);
	};
	return {
		opus: pick("opus"),
		sonnet: pick("sonnet"),
		haiku: pick("haiku"),
		fable: pick("fable"),
		subagent: pick("subagent"),
	};
}

function modelId(text: string, field: string, models: Readonly<Record<string, Model>>, reader: ValueReader): string {
	const id = text.replace(/\[1m\]$/, "");
	const note = `${field}: the selector [1m] was cut from ${text}; the model's window comes from \`contextWindow\``;
	if (id !== text && !reader.warnings.includes(note)) reader.warnings.push(note);
	if (Object.hasOwn(models, id)) return id;
	return Object.values(models).find((model) => model.aliases?.includes(id))?.id ?? id;
}

/** The tier whose model serves this one: itself, or its fallback. */
function namedTier({ values }: Merged, tier: Tier): Tier | undefined {
	return [tier, ...TIER_FALLBACKS[tier]].find((candidate) => values.tiers?.[candidate]);
}

/** Origins of the tiers that no layer names, by dotted field name. */
export function originsOfFilledTiers(merged: Merged): Record<string, string> {
	const filled = TIERS.filter((tier) => !merged.values.tiers?.[tier] && namedTier(merged, tier));
	return Object.fromEntries(filled.map((tier) => [`tiers.${tier}`, `as tiers.${namedTier(merged, tier)}`]));
}

function noModel({ name, values }: Merged): UserError {
	const address = Object.values(values.endpoints ?? {}).find((endpoint) => endpoint?.baseUrl)?.baseUrl;
	if (address === undefined) {
		return new UserError(`profile ${name} names no address and no model`, {
			hint: "write `endpoints` and `model` into it, or `extends: PROFILE` with the name of another one",
			exitCode: EXIT.config,
		});
	}
	return new UserError(`profile ${name} does not say which model to use`, {
		hint: `CC_ANY_MODEL=NAME cc-any --profile ${name}, with a name that the server at ${address} knows; \`tiers\` in your config keeps it`,
		exitCode: EXIT.config,
	});
}
