import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeFileAtomic } from "../../platform/atomic-write.ts";
import { isObject, tryParseJson } from "../../platform/json.ts";
import { type Environment, stateFolder } from "../../platform/paths.ts";
import type { ModelFile } from "../model/schema.ts";
import type { Layer } from "./layer.ts";

// Answers of `cc-any models --refresh`, kept in the state folder. They are copies: a damaged one counts as absent, and
// the next refresh writes it again.

/** What a provider's own list of models said. */
export interface ProviderModels {
	ids: string[];
	/** Context windows in tokens, by id, if the list has them. */
	windows?: Record<string, number> | undefined;
	/** When it was fetched, milliseconds since 1970. */
	at: number;
	/** Base URL that it was fetched from. */
	baseUrl: string;
}

/** What a public catalogue says about a provider's models. */
export interface Catalogue {
	/** The catalogue, for messages: `models.dev`. */
	from: string;
	/** When it was fetched, milliseconds since 1970. */
	at: number;
	models: Record<string, ModelFile>;
}

/** The last list for a profile from this address. */
export function readProviderModels(
	profile: string,
	baseUrl: string,
	environment: Environment,
): ProviderModels | undefined {
	const kept = readKept(listFile(profile, environment), isProviderModels);
	return kept?.baseUrl === baseUrl ? kept : undefined;
}

export function keepProviderModels(profile: string, list: ProviderModels, environment: Environment): void {
	writeFileAtomic(listFile(profile, environment), `${JSON.stringify(list)}\n`);
}

/** Keeps a catalogue, replacing an earlier one. Returns the file. */
export function keepCatalogue(profile: string, catalogue: Catalogue, environment: Environment): string {
	const file = catalogueFile(profile, environment);
	writeFileAtomic(file, `${JSON.stringify(catalogue, undefined, "\t")}\n`);
	return file;
}

/**
 * What was fetched about a profile's models, as layers below all others: they fill in what no file says. The provider's
 * own list has precedence over a public catalogue.
 */
export function fetchedLayers(profile: string, environment: Environment): Layer[] {
	return [catalogueLayer(profile, environment), windowsLayer(profile, environment)].filter(
		(layer) => layer !== undefined,
	);
}

function catalogueLayer(profile: string, environment: Environment): Layer | undefined {
	const file = catalogueFile(profile, environment);
	const kept = readKept(file, isCatalogue);
	if (!kept) return undefined;
	const nameOf = () => `${kept.from}, ${dayOf(kept.at)}`;
	return { values: { models: kept.models }, kind: "catalogue", source: file, folder: dirname(file), nameOf };
}

function windowsLayer(profile: string, environment: Environment): Layer | undefined {
	const file = listFile(profile, environment);
	const kept = readKept(file, isProviderModels);
	const windows = Object.entries(kept?.windows ?? {});
	if (!kept || windows.length === 0) return undefined;
	const models = Object.fromEntries(windows.map(([id, contextWindow]) => [id, { contextWindow }]));
	const nameOf = () => `list of ${kept.baseUrl}, ${dayOf(kept.at)}`;
	return { values: { models }, kind: "catalogue", source: file, folder: ".", askedFrom: kept.baseUrl, nameOf };
}

function readKept<T>(file: string, isKept: (value: unknown) => value is T): T | undefined {
	const value = existsSync(file) ? tryParseJson(readFileSync(file, "utf8")) : undefined;
	return isKept(value) ? value : undefined;
}

function isProviderModels(value: unknown): value is ProviderModels {
	return isObject(value) && Array.isArray(value["ids"]) && Number.isFinite(value["at"]);
}

function isCatalogue(value: unknown): value is Catalogue {
	return isObject(value) && isObject(value["models"]) && Number.isFinite(value["at"]);
}

function dayOf(milliseconds: number): string {
	return new Date(milliseconds).toISOString().slice(0, 10);
}

function listFile(profile: string, environment: Environment): string {
	return join(stateFolder(environment), "models", `${encodeURIComponent(profile)}.json`);
}

function catalogueFile(profile: string, environment: Environment): string {
	return join(stateFolder(environment), "catalogue", `${encodeURIComponent(profile)}.json`);
}
