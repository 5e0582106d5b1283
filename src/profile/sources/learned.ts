import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { configFolder, type Environment } from "../../platform/paths.ts";
import { readProfileFile } from "./config-files.ts";
import type { Layer } from "./layer.ts";

/**
 * What `cc-any check` has learned about a profile, in its own file in the config folder. It is merged over the built-in
 * profile and under all that the user has written.
 */
export async function readLearned(name: string, environment: Environment): Promise<Layer | undefined> {
	const file = learnedFile(name, environment);
	return existsSync(file) ? await readProfileFile(file, "user") : undefined;
}

/** Removes the file and returns its path; undefined when there was none. */
export function forgetLearned(name: string, environment: Environment): string | undefined {
	const file = learnedFile(name, environment);
	if (!existsSync(file)) return undefined;
	rmSync(file);
	return file;
}

/** `learned/NAME.yaml` in the config folder. */
export function learnedFile(name: string, environment: Environment): string {
	return join(configFolder(environment), "learned", `${name}.yaml`);
}
