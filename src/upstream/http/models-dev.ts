import type { ModelFile } from "../../profile/model/schema.ts";
import type { ResolvedProfile } from "../../profile/report.ts";
import { readText } from "./send.ts";
import type { Transport } from "./transport.ts";

/** The parts of models.dev's `api.json` that are read; prices are US dollars per million tokens, as in profiles. */
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

/** Bytes that are read at most. */
const CATALOGUE_LIMIT = 32 * 1024 * 1024;

/** Asks models.dev for all its providers, without any key. Undefined where the answer is no such list. */
export async function askModelsDev(
	transport: Transport,
	url: string,
	signal: AbortSignal,
): Promise<CatalogueProvider[] | undefined> {
	const reply = await transport.request({ method: "GET", url, headers: { accept: "application/json" }, signal });
	const text = await readText(reply, CATALOGUE_LIMIT);
	if (reply.status !== 200) return undefined;
	try {
		const all: unknown = JSON.parse(text);
		if (typeof all !== "object" || all === null || Array.isArray(all)) return undefined;
		return Object.entries(all).map(([id, provider]) => ({ ...(provider as CatalogueProvider), id }));
	} catch (error) {
		if (error instanceof SyntaxError) return undefined; // a page, or an answer that was cut
		throw error;
	}
}

/** The provider of a profile: the one of that id, else one at the same host, else one with the same key variable. */
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

/** Its models as a profile file writes them; what the catalogue leaves open stays open. */
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
		// That it thinks does not say whether it can be told not to.
		thinking: reasoning === false ? "none" : undefined,
		price: Object.keys(price).length > 0 ? price : undefined,
	});
}

/** Text of others that goes to a terminal and into claude's environment. */
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
