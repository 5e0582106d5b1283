import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { configFolder, type Environment } from "../../platform/paths.ts";
import { readProfileFile } from "./config-files.ts";
import type { Layer } from "./layer.ts";

/**
 * What `cc-any check` has taught about a profile, a file of its own below the config folder. It lies on top of the
 * built-in profile and below all that the user has written.
 */
export async function readLearned(name: string, environment: Environment): Promise<Layer | undefined> {
	const file = learnedFile(name, environment);
	return existsSync(file) ? readProfileFile(file, "user") : undefined;
}

/** Removes the file; undefined where there was none. */
export async function forgetLearned(name: string, environment: Environment): Promise<string | undefined> {
	const file = learnedFile(name, environment);
	if (!existsSync(file)) return undefined;
	await rm(file);
	return file;
}

/** `learned/NAME.yaml` in the config folder. */
export function learnedFile(name: string, environment: Environment): string {
	return join(configFolder(environment), "learned", `${name}.yaml`);
}
