import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeFileAtomic } from "../../platform/atomic-write.ts";
import { type Environment, stateFolder } from "../../platform/paths.ts";
import type { ModelFile } from "../model/schema.ts";
import type { Layer } from "./layer.ts";

/** What a public catalogue says of a provider's models. */
export interface Catalogue {
	/** The catalogue, for people: `models.dev`. */
	from: string;
	/** When it was asked, milliseconds since 1970. */
	at: number;
	models: Record<string, ModelFile>;
}

/**
 * The kept answer for a profile, as a layer that lies below all others: it fills in what no file says. Undefined where
 * the catalogue was never asked, or the file is damaged.
 */
export async function readCatalogue(profile: string, environment: Environment): Promise<Layer | undefined> {
	const file = fileOf(profile, environment);
	if (!existsSync(file)) return undefined;
	const kept = parse(readFileSync(file, "utf8"));
	if (!kept) return undefined;
	const nameOf = () => `${kept.from}, ${new Date(kept.at).toISOString().slice(0, 10)}`;
	return { values: { models: kept.models }, kind: "catalogue", source: file, folder: dirname(file), nameOf };
}

/** Keeps an answer in the place of an earlier one. Returns the file. */
export function keepCatalogue(profile: string, catalogue: Catalogue, environment: Environment): string {
	const file = fileOf(profile, environment);
	writeFileAtomic(file, `${JSON.stringify(catalogue, undefined, "\t")}\n`);
	return file;
}

function fileOf(profile: string, environment: Environment): string {
	return join(stateFolder(environment), "catalogue", `${encodeURIComponent(profile)}.json`);
}

function parse(text: string): Catalogue | undefined {
	try {
		const kept = JSON.parse(text) as Catalogue;
		return typeof kept.models === "object" && Number.isFinite(kept.at) ? kept : undefined;
	} catch {
		return undefined; // it is only a copy: asking again writes it anew
	}
}
