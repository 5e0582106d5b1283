import type { Environment } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { keyVariables, missingKey, peekKey, renewalOf, resolveKey } from "../keys/secret.ts";
import type { Model, Profile, QuirkReason, Tier } from "../model/profile.ts";
import { TIERS } from "../model/profile.ts";
import { DIALECTS, type DialectName } from "../model/quirks.ts";
import { type Merged, originOf, originsOf } from "../sources/layer.ts";
import { type Reader, readerOf } from "./reader.ts";
import { resolveEndpoint } from "./resolve-endpoint.ts";
import { resolveModels } from "./resolve-model.ts";

/**
 * Turns merged values into a `Profile`: variables filled in, quirks and their reasons parted, tiers completed, the key
 * read. `tolerant`: what is missing is left out, for showing the profile.
 */
export async function resolveMerged(
	merged: Merged,
	environment: Environment,
	options: { tolerant?: boolean | undefined },
): Promise<Profile> {
	const { name, values } = merged;
	const tolerant = options.tolerant ?? false;
	const reader = readerOf(merged, environment, tolerant);
	if (values.unavailable && !tolerant) throw unavailable(name, values.unavailable);
	const models = await resolveModels(values.models ?? {}, reader);
	const tiers = tiersOf(merged, models, reader);
	const dialect = dialectOf(merged, tolerant);
	const needed = new Set([dialect, ...Object.values(tiers).map((id) => models[id]?.dialect ?? dialect)]);
	const endpoints: Profile["endpoints"] = {};
	for (const each of DIALECTS) {
		const endpoint = resolveEndpoint(values.endpoints?.[each], each, reader, needed.has(each));
		if (endpoint) endpoints[each] = endpoint;
	}
	if (!tolerant) demandEndpoints(merged, models, tiers, endpoints, dialect);
	const readAgain = () => readKey(merged, models, tiers, reader);
	const key = await readAgain();
	return {
		name,
		title: reader.text(values.title ?? name, "title"),
		status: values.status ?? "user",
		dialect,
		endpoints,
		key: key?.value,
		keyFrom: key?.from,
		renewKey: tolerant ? undefined : renewalOf(key, readAgain),
		keyOptional: values.keyOptional,
		keyVariables: keyVariables(values.key),
		unavailable: values.unavailable,
		headers: reader.texts(values.headers ?? {}, "headers"),
		models,
		tiers,
		quirks: reader.quirks(values.quirks, "quirks"),
		disabledRepairs: values.disabledRepairs ?? [],
		aliases: values.aliases,
		region: values.region,
		regions: regionsOf(merged),
		fallback: values.fallback,
		also: values.also,
		announceFallback: values.announceFallback,
		limits: values.limits,
		patience: values.patience,
		search: await resolveSearch(merged, reader),
		trace: values.trace,
		redact: values.redact,
		notes: values.notes,
		sources: values.sources,
		origins: () => ({ ...originsOf(merged), ...filledTiers(merged) }),
		quirkReasons: reader.reasons as Record<string, QuirkReason>,
		warnings: reader.warnings,
	};
}

function unavailable(name: string, reason: string): UserError {
	return new UserError(`profile ${name} cannot be used: ${reason}`, {
		hint: "`cc-any profiles` lists the others",
		exitCode: EXIT.config,
	});
}

/** The preferred dialect, or else the only one there is. */
function dialectOf({ name, values }: Merged, tolerant: boolean): DialectName {
	const known = DIALECTS.filter((dialect) => values.endpoints?.[dialect]);
	if (values.dialect && (known.includes(values.dialect) || tolerant)) return values.dialect;
	// A region may serve fewer dialects than the profile prefers among.
	if (values.dialect && values.region && known[0]) return known[0];
	if (values.dialect && known.length > 0) {
		throw new UserError(`profile ${name} has no ${values.dialect} endpoint; it has ${known.join(", ")}`, {
			hint: `use --dialect ${known[0]}, or give \`endpoints.${values.dialect}.baseUrl\` in your config`,
			exitCode: EXIT.config,
		});
	}
	if (known[0] || tolerant) return known[0] ?? "openai-chat";
	throw new UserError(`profile ${name} names no endpoint`, {
		hint: "add `endpoints: { openai-chat: { baseUrl: https://… } }`, or `extends: NAME` of a profile that has one",
		exitCode: EXIT.config,
	});
}

function demandEndpoints(
	{ name, values }: Merged,
	models: Record<string, Model>,
	tiers: Record<Tier, string>,
	endpoints: Profile["endpoints"],
	preferred: DialectName,
): void {
	for (const tier of TIERS) {
		const model = models[tiers[tier]];
		const dialect = model?.dialect ?? preferred;
		const ownKey = values.models?.[tiers[tier]]?.key;
		if (ownKey && !model?.key) throw missingKey(ownKey, { profile: name, field: `models.${tiers[tier]}.key` });
		if (model?.endpoint ?? endpoints[dialect]) continue;
		throw new UserError(`profile ${name}: the ${tier} model ${tiers[tier]} needs a ${dialect} endpoint`, {
			hint: `give \`endpoints.${dialect}.baseUrl\`, or name another model in \`tiers.${tier}\``,
			exitCode: EXIT.config,
		});
	}
}

/** Which tier stands in for one that is not named, the first that is: fable is an opus, subagents run as sonnet. */
const STAND_INS: Readonly<Record<Tier, readonly Tier[]>> = {
	opus: ["sonnet", "fable", "haiku", "subagent"],
	sonnet: ["opus", "haiku", "fable", "subagent"],
	haiku: ["sonnet", "opus", "fable", "subagent"],
	fable: ["opus", "sonnet", "haiku", "subagent"],
	// Claude Code itself gives subagents the main model; a variable would override an agent's own choice.
	subagent: ["opus", "sonnet", "haiku", "fable"],
};

/** The tier whose model serves this one: itself, or its stand-in. */
function givenTier({ values }: Merged, tier: Tier): Tier | undefined {
	return [tier, ...STAND_INS[tier]].find((candidate) => values.tiers?.[candidate]);
}

/** Origins of the tiers that no layer names. */
function filledTiers(merged: Merged): Record<string, string> {
	const filled = TIERS.filter((tier) => !merged.values.tiers?.[tier] && givenTier(merged, tier));
	return Object.fromEntries(filled.map((tier) => [`tiers.${tier}`, `as tiers.${givenTier(merged, tier)}`]));
}

/** Model id of every tier; aliases become ids, a `[1m]` selector of Claude Code is cut. */
function tiersOf(merged: Merged, models: Record<string, Model>, reader: Reader): Record<Tier, string> {
	const given = merged.values.tiers ?? {};
	const pick = (tier: Tier): string => {
		const from = givenTier(merged, tier);
		if (!from) return noModel(merged, reader.tolerant);
		const text = reader.text(given[from] ?? "", `tiers.${from}`);
		const id = text.replace(/\[1m\]$/, "");
		const note = `tiers.${from}: the selector [1m] was cut from ${text}; the model's window comes from \`contextWindow\``;
		if (id !== text && !reader.warnings.includes(note)) reader.warnings.push(note);
		if (Object.hasOwn(models, id)) return id;
		return Object.values(models).find((model) => model.aliases?.includes(id))?.id ?? id;
	};
	return Object.fromEntries(TIERS.map((tier) => [tier, pick(tier)])) as Record<Tier, string>;
}

function noModel({ name, values }: Merged, tolerant: boolean): string {
	if (tolerant) return "";
	const address = Object.values(values.endpoints ?? {}).find((endpoint) => endpoint?.baseUrl)?.baseUrl;
	throw new UserError(`profile ${name} does not say which model to use`, {
		hint: `CC_ANY_MODEL=NAME cc-any --profile ${name}, with a name that the server at ${address} knows; \`tiers\` in your config keeps it`,
		exitCode: EXIT.config,
	});
}

async function readKey(merged: Merged, models: Record<string, Model>, tiers: Record<Tier, string>, reader: Reader) {
	const { values, name } = merged;
	if (reader.tolerant) return peekKey(values.key, reader.variables, reader.stored());
	const place = { profile: name, field: "key" };
	const secret = values.key === undefined ? undefined : await resolveKey(values.key, reader.secretContext("key"));
	const allHaveOwn = TIERS.every((tier) => models[tiers[tier]]?.key !== undefined);
	if (secret || values.keyOptional || allHaveOwn) return secret;
	const error = missingKey(values.key, place);
	const origin = originOf(merged, "key");
	throw origin
		? new UserError(`${error.message} (${origin})`, { hint: error.hint ?? "", exitCode: error.exitCode })
		: error;
}

async function resolveSearch({ values }: Merged, reader: Reader): Promise<Profile["search"]> {
	if (!values.search) return undefined;
	const { engine, url, key } = values.search;
	const secret = key && !reader.tolerant ? await resolveKey(key, reader.secretContext("search.key")) : undefined;
	return { engine, url: url && reader.text(url, "search.url"), key: secret?.value };
}

function regionsOf({ values }: Merged): Record<string, string> | undefined {
	const regions = Object.entries(values.regions ?? {});
	if (regions.length === 0) return undefined;
	return Object.fromEntries(regions.map(([name, region]) => [name, region.title ?? name]));
}
