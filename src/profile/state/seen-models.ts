import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../../platform/atomic-write.ts";
import { type Environment, stateFolder } from "../../platform/paths.ts";
import type { Layer } from "../sources/layer.ts";

/** What a provider said that it has. */
export interface SeenModels {
	ids: string[];
	/** Context windows in tokens, by id, where it tells them. */
	windows?: Record<string, number> | undefined;
	/** When it was asked, milliseconds since 1970. */
	at: number;
	/** Base URL that was asked. */
	baseUrl: string;
}

/** The last answer for a profile from this address; undefined without one, or where the file is damaged. */
export async function readSeenModels(
	profile: string,
	baseUrl: string,
	environment: Environment,
): Promise<SeenModels | undefined> {
	const seen = await readSeen(profile, environment);
	return seen?.baseUrl === baseUrl ? seen : undefined;
}

/** The windows of the last answer, as a layer that fills in what no file says. */
export async function readSeenWindows(profile: string, environment: Environment): Promise<Layer | undefined> {
	const seen = await readSeen(profile, environment);
	const windows = Object.entries(seen?.windows ?? {});
	if (!seen || windows.length === 0) return undefined;
	const models = Object.fromEntries(windows.map(([id, contextWindow]) => [id, { contextWindow }]));
	const nameOf = () => `list of ${seen.baseUrl}, ${new Date(seen.at).toISOString().slice(0, 10)}`;
	const source = fileOf(profile, environment);
	return { values: { models }, kind: "catalogue", source, folder: ".", askedFrom: seen.baseUrl, nameOf };
}

async function readSeen(profile: string, environment: Environment): Promise<SeenModels | undefined> {
	const file = fileOf(profile, environment);
	if (!existsSync(file)) return undefined;
	try {
		const seen = JSON.parse(readFileSync(file, "utf8")) as SeenModels;
		return Array.isArray(seen.ids) && Number.isFinite(seen.at) ? seen : undefined;
	} catch {
		return undefined; // it is only a copy: --refresh writes it anew
	}
}

export function keepSeenModels(profile: string, seen: SeenModels, environment: Environment): void {
	writeFileAtomic(fileOf(profile, environment), `${JSON.stringify(seen)}\n`);
}

function fileOf(profile: string, environment: Environment): string {
	return join(stateFolder(environment), "models", `${encodeURIComponent(profile)}.json`);
}
