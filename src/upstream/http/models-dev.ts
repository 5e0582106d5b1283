import { isObject, tryParseJson } from "../../platform/json.ts";
import type { ModelFile } from "../../profile/model/schema.ts";
import type { ResolvedProfile } from "../../profile/report.ts";
import { readText } from "./send.ts";
import type { Transport } from "./transport.ts";

/** The fields of models.dev's `api.json` that are read. Prices are in US dollars per million tokens. */
export interface CatalogueProvider {
	id: string;
	/** Variables that hold the key. */
	env?: string[];
	/** Base URL. */
	api?: string;
	models?: Record<string, CatalogueModel>;
}

interface CatalogueModel {
	name?: unknown;
	reasoning?: unknown;
	modalities?: { input?: unknown };
	limit?: { context?: unknown; output?: unknown };
	cost?: { input?: unknown; output?: unknown; cache_read?: unknown; cache_write?: unknown };
}

const MAX_CATALOGUE_BYTES = 32 * 1024 * 1024;

/** Requests all providers of models.dev; no key is sent. Undefined if the reply is not such a list. */
export async function askModelsDev(
	transport: Transport,
	url: string,
	signal: AbortSignal,
): Promise<CatalogueProvider[] | undefined> {
	const reply = await transport.request({ method: "GET", url, headers: { accept: "application/json" }, signal });
	const text = await readText(reply, MAX_CATALOGUE_BYTES);
	if (reply.status !== 200) return undefined;
	const providers = tryParseJson(text);
	if (!isObject(providers)) return undefined;
	return Object.entries(providers).map(([id, provider]) => ({ ...(provider as CatalogueProvider), id }));
}

/** The provider of a profile: the one with its name, else one at the same host, else one with the same key variable. */
export function providerFor(
	providers: readonly CatalogueProvider[],
	{ profile: { name, endpoints }, report: { aliases, keyVariables } }: ResolvedProfile,
): CatalogueProvider | undefined {
	const ids = [name, ...aliases];
	const hosts = Object.values(endpoints).map((endpoint) => hostOf(endpoint?.baseUrl));
	return (
		providers.find(({ id }) => ids.includes(id)) ??
		providers.find(({ api }) => api !== undefined && hosts.includes(hostOf(api))) ??
		providers.find(({ env = [] }) => env.some((variable) => keyVariables.includes(variable)))
	);
}

/** A provider's models in the form of a profile file, with the fields that the catalogue states. */
export function modelsOfProvider({ models = {} }: CatalogueProvider): Record<string, ModelFile> {
	const usable = Object.entries(models).filter(([id]) => isPrintable(id));
	return Object.fromEntries(usable.map(([id, model]): [string, ModelFile] => [id, modelFile(model)]));
}

function modelFile({ name, reasoning, modalities, limit = {}, cost = {} }: CatalogueModel): ModelFile {
	const inputs = modalities?.input;
	const price = known({
		input: amount(cost.input),
		output: amount(cost.output),
		cacheRead: amount(cost.cache_read),
		cacheWrite: amount(cost.cache_write),
	});
	return known({
		title: typeof name === "string" && isPrintable(name) ? name : undefined,
		contextWindow: tokens(limit.context),
		maxOutput: tokens(limit.output),
		vision: Array.isArray(inputs) ? inputs.includes("image") : undefined,
		// A model that reasons may or may not be able to stop reasoning.
		thinking: reasoning === false ? "none" : undefined,
		price: Object.keys(price).length > 0 ? price : undefined,
	});
}

/** The text is printed to a terminal and passed to claude's environment. */
function isPrintable(text: string): boolean {
	return /^[^\p{Cc}]+$/u.test(text);
}

function known<T extends object>(fields: T): Partial<T> {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function tokens(value: unknown): number | undefined {
	return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : undefined;
}

function amount(value: unknown): number | undefined {
	return typeof value === "number" && value >= 0 ? value : undefined;
}

function hostOf(address: string | undefined): string | undefined {
	return address !== undefined && URL.canParse(address) ? new URL(address).host : undefined;
}
