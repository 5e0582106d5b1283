import { EXIT, UserError } from "../../platform/user-error.ts";
import { normaliseBaseUrl, requestUrl } from "../model/base-url.ts";
import { TIERS, type Tier } from "../model/profile.ts";
import type { DialectName } from "../model/quirks.ts";
import type { ModelFile, ModelOverride, ProfileFile } from "../model/schema.ts";
import { builtinForUrl } from "./builtin.ts";
import type { Layer } from "./layer.ts";

/** The block that people paste into their settings: Claude model id → where its requests go. */
export type ModelOverrides = Readonly<Record<string, ModelOverride>>;

const DIALECT_OF: Readonly<Record<ModelOverride["provider"], DialectName>> = {
	"openai-compatible": "openai-chat",
	"anthropic-compatible": "anthropic",
};

/**
 * A pasted block as layers: the built-in profile of the provider, if the address is a known one's, and the block.
 * `origin` says where the block is written.
 */
export async function layersOfOverrides(overrides: ModelOverrides, origin: Layer): Promise<Layer[]> {
	const values = profileOfOverrides(overrides);
	const first = Object.values(overrides)[0];
	const known = first && (await builtinForUrl(first.baseURL));
	const own = { ...origin, values, nameOf: () => fileLine(origin) };
	return known ? [known, own] : [own];
}

/**
 * A pasted block as a profile. The tier is read from the Claude id; the first entry also serves the tiers that no entry
 * names. Entries that share address and key share the profile's endpoint; others carry their own.
 */
export function profileOfOverrides(overrides: ModelOverrides): ProfileFile {
	const entries = Object.entries(overrides);
	const first = entries[0]?.[1];
	if (!first) throw new UserError("the modelOverrides block is empty", { exitCode: EXIT.config });
	const tiers: Partial<Record<Tier, string>> = {};
	const models: Record<string, ModelFile> = {};
	for (const [id, entry] of entries) {
		const tier = tierOf(id);
		if (tier) tiers[tier] ??= entry.model;
		const model = sameEndpoint(entry, first) ? {} : ownEndpoint(entry);
		assertSameAddress(entry.model, models[entry.model], model);
		models[entry.model] = model;
	}
	const dialect = DIALECT_OF[first.provider];
	return {
		title: new URL(addressOf(first)).host,
		status: "user",
		dialect,
		endpoints: { [dialect]: { baseUrl: addressOf(first) } },
		...(first.apiKey ? { key: first.apiKey } : { keyOptional: true }),
		models,
		model: first.model,
		tiers,
	};
}

/** The tier that a Claude model id belongs to, old and new forms: `claude-sonnet-4-5`, `claude-3-5-haiku-latest`. */
function tierOf(id: string): Tier | undefined {
	const word = /^(?:claude-)?(?:[\d-]+-)?([a-z]+)/.exec(id)?.[1];
	return TIERS.find((tier) => tier === word);
}

function addressOf({ baseURL, provider, model }: ModelOverride): string {
	const place = { profile: "modelOverrides", field: `baseURL of ${model}` };
	return requestUrl(normaliseBaseUrl(baseURL, DIALECT_OF[provider], place), "");
}

function sameEndpoint(entry: ModelOverride, first: ModelOverride): boolean {
	return entry.provider === first.provider && entry.baseURL === first.baseURL && entry.apiKey === first.apiKey;
}

function ownEndpoint(entry: ModelOverride): ModelFile {
	return {
		dialect: DIALECT_OF[entry.provider],
		endpoint: { baseUrl: addressOf(entry) },
		...(entry.apiKey ? { key: entry.apiKey } : {}),
	};
}

function assertSameAddress(id: string, before: ModelFile | undefined, now: ModelFile): void {
	if (!before || JSON.stringify(before) === JSON.stringify(now)) return;
	throw new UserError(`modelOverrides names the model ${id} with two different addresses or keys`, {
		hint: "give each model one address, or make two profiles",
		exitCode: EXIT.config,
	});
}

function fileLine({ source, document, prefix }: Layer): string {
	const line = document?.lineOf(prefix ?? []);
	return line === undefined ? source : `${source}:${line}`;
}
