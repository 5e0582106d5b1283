import type { Environment } from "../../platform/paths.ts";
import { holdSecret } from "../../platform/secrets.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { keyName } from "../keys/key-origin.ts";
import { keyVariables } from "../keys/key-reference.ts";
import { missingKey } from "../keys/resolve-key.ts";
import { type Profile, TIERS } from "../model/profile.ts";
import { DIALECTS, type DialectName } from "../model/quirks.ts";
import { secretsOf } from "../model/secrets-of.ts";
import type { ProfileKey } from "../model/target.ts";
import type { ProfileReport, ResolvedProfile } from "../report.ts";
import { type Merged, originOf, originsOf } from "../sources/layer.ts";
import { resolveEndpoint, resolveModels } from "./models.ts";
import { originsOfFilledTiers, resolveTiers } from "./tiers.ts";
import { type ReadKey, ValueReader } from "./value-reader.ts";

/**
 * Turns merged values into a profile: variables filled in, quirks separated from their reasons, tiers completed, keys
 * read. `tolerant` omits what is missing, for showing the profile. Throws a `UserError` for all that a user can get
 * wrong.
 */
export async function buildProfile(
	merged: Merged,
	environment: Environment,
	{ tolerant = false, keyless = tolerant }: { tolerant?: boolean | undefined; keyless?: boolean | undefined } = {},
): Promise<ResolvedProfile> {
	const { name, values } = merged;
	if (values.unavailable && !tolerant) throw unavailable(name, values.unavailable);
	const reader = new ValueReader(merged, environment, tolerant);
	const models = await resolveModels(values.models ?? {}, reader);
	const tiers = resolveTiers(merged, models, reader);
	const dialect = preferredDialect(merged, tolerant);
	const endpoints = resolveEndpoints(merged, { models, tiers, dialect }, reader);
	if (!tolerant) assertReachable(merged, { models, tiers, dialect, endpoints });
	const keys = values.keys ? await reader.keys(values.keys, "keys") : [await reader.key(values.key, "key")];
	const key = keys[0] ?? { secret: undefined, renewKey: undefined };
	if (!keyless) assertKey(merged, { models, tiers }, key);
	const { dollars, tokens, perDay, ...limits } = values.limits ?? {};
	const profile: Profile = {
		name,
		title: reader.text(values.title ?? name, "title"),
		dialect,
		endpoints,
		key: key.secret?.value,
		renewKey: key.renewKey,
		keys: namedKeys(keys),
		headers: reader.headers(values.headers ?? {}, "headers"),
		models,
		tiers,
		quirks: reader.quirks(values.quirks, "quirks"),
		disabledRepairs: values.disabledRepairs ?? [],
		repairs: values.repairs,
		announceFallback: values.announceFallback,
		limits: values.limits && limits,
		budget: dollars === undefined && tokens === undefined && !perDay ? undefined : { dollars, tokens, perDay },
		patience: values.patience,
		search: await resolveSearch(merged, reader),
		trace: values.trace,
		redact: values.redact,
		headerVariables: [...reader.headerVariables],
	};
	for (const secret of secretsOf(profile)) holdSecret(secret);
	reader.warnings.push(...unpricedWarning(profile));
	return { profile, report: reportOf(merged, key, reader) };
}

/** A budget in dollars counts nothing for a model without prices. */
function unpricedWarning({ budget, models, tiers }: Profile): string[] {
	if (budget?.dollars === undefined && budget?.perDay?.dollars === undefined) return [];
	const unpriced = [...new Set(Object.values(tiers))].filter((id) => {
		const price = models[id]?.price;
		return price?.input === undefined || price.output === undefined;
	});
	if (unpriced.length === 0) return [];
	const names = unpriced.join(", ");
	return [
		`limits: the price of ${names} is unknown, so its replies do not count against the budget: add \`models.ID.price\``,
	];
}

function reportOf(merged: Merged, { secret }: ReadKey, { reasons, warnings }: ValueReader): ProfileReport {
	const { values } = merged;
	const regions = Object.entries(values.regions ?? {}).map(([name, region]) => [name, region.title ?? name]);
	return {
		status: values.status ?? "user",
		aliases: values.aliases ?? [],
		region: values.region,
		regions: Object.fromEntries(regions),
		fallback: values.fallback,
		also: values.also,
		vision: values.vision,
		notes: values.notes ?? [],
		sources: values.sources ?? [],
		origins: () => ({ ...originsOf(merged), ...originsOfFilledTiers(merged) }),
		quirkReasons: reasons,
		keyOrigin: secret?.origin,
		keyOptional: values.keyOptional ?? false,
		keyVariables: keyVariables(values.keys ?? values.key),
		unavailable: values.unavailable,
		checkReminder: false,
		warnings,
	};
}

/** The keys of a profile that has several; two of the same origin are numbered. */
function namedKeys(keys: readonly ReadKey[]): ProfileKey[] | undefined {
	if (keys.length < 2) return undefined;
	const named: ProfileKey[] = [];
	for (const { secret, renewKey } of keys) {
		if (secret?.value === undefined) continue;
		const name = keyName(secret.origin, secret.value);
		const same = named.filter((other) => other.name === name || other.name.startsWith(`${name} (`)).length;
		named.push({ name: same === 0 ? name : `${name} (${same + 1})`, value: secret.value, renewKey });
	}
	return named;
}

function unavailable(name: string, reason: string): UserError {
	return new UserError(`profile ${name} cannot be used: ${reason}`, {
		hint: "`cc-any profiles` lists the others",
		exitCode: EXIT.config,
	});
}

/** The preferred dialect, or else the only one there is. */
function preferredDialect({ name, values }: Merged, tolerant: boolean): DialectName {
	const known = DIALECTS.filter((dialect) => values.endpoints?.[dialect]);
	const { dialect, region } = values;
	if (dialect && (known.includes(dialect) || tolerant)) return dialect;
	// A region may not have the profile's preferred dialect.
	if (known[0] && (!dialect || region)) return known[0];
	if (tolerant) return "openai-chat";
	if (dialect && known[0]) {
		throw new UserError(`profile ${name} has no ${dialect} endpoint; it has ${known.join(", ")}`, {
			hint: `use --dialect ${known[0]}, or give \`endpoints.${dialect}.baseUrl\` in your config`,
			exitCode: EXIT.config,
		});
	}
	throw new UserError(`profile ${name} names no endpoint`, {
		hint: "add `endpoints: { openai-chat: { baseUrl: https://… } }`, or `extends: NAME` of a profile that has one",
		exitCode: EXIT.config,
	});
}

function resolveEndpoints(
	{ values }: Merged,
	{ models, tiers, dialect }: Pick<Profile, "models" | "tiers" | "dialect">,
	reader: ValueReader,
): Profile["endpoints"] {
	const needed = new Set([dialect, ...Object.values(tiers).map((id) => models[id]?.dialect ?? dialect)]);
	const endpoints: Profile["endpoints"] = {};
	for (const each of DIALECTS) {
		const endpoint = resolveEndpoint(values.endpoints?.[each], each, `endpoints.${each}`, reader, needed.has(each));
		if (endpoint) endpoints[each] = endpoint;
	}
	return endpoints;
}

/** Throws when the model of a tier has no endpoint, or lacks the key that it is to have. */
function assertReachable(
	{ name, values }: Merged,
	{ models, tiers, dialect: preferred, endpoints }: Pick<Profile, "models" | "tiers" | "dialect" | "endpoints">,
): void {
	for (const tier of TIERS) {
		const id = tiers[tier];
		const model = models[id];
		const dialect = model?.dialect ?? preferred;
		const ownKey = values.models?.[id]?.key;
		if (ownKey && !model?.key) throw missingKey(ownKey, { profile: name, field: `models.${id}.key` });
		if (model?.endpoint ?? endpoints[dialect]) continue;
		throw new UserError(`profile ${name}: the ${tier} model ${id} needs a ${dialect} endpoint`, {
			hint: `give \`endpoints.${dialect}.baseUrl\`, or name another model in \`tiers.${tier}\``,
			exitCode: EXIT.config,
		});
	}
}

/** Throws when there is no key, the profile needs one, and a tier's model does not have its own. */
function assertKey(merged: Merged, { models, tiers }: Pick<Profile, "models" | "tiers">, { secret }: ReadKey): void {
	const { name, values } = merged;
	const allHaveOwn = TIERS.every((tier) => models[tiers[tier]]?.key !== undefined);
	if (secret || values.keyOptional || allHaveOwn) return;
	const field = values.keys ? "keys" : "key";
	const error = missingKey(values[field], { profile: name, field });
	const origin = originOf(merged, field);
	if (!origin) throw error;
	throw new UserError(`${error.message} (${origin})`, { hint: error.hint ?? "", exitCode: error.exitCode });
}

async function resolveSearch({ values }: Merged, reader: ValueReader): Promise<Profile["search"]> {
	if (!values.search) return undefined;
	const { engine, url, key } = values.search;
	// Showing a profile does not show this key.
	const secret = reader.tolerant ? undefined : (await reader.key(key, "search.key")).secret;
	return { engine, url: url && reader.text(url, "search.url"), key: secret?.value };
}
