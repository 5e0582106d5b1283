import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../../platform/atomic-write.ts";
import { type Environment, stateFolder } from "../../../platform/paths.ts";
import { projectRoot } from "../../../profile/sources/search-project.ts";

/** The profile that was last picked for the project around a folder. */
export async function readLastChoice(folder: string, environment: Environment): Promise<string | undefined> {
	const choices = await readChoices(environment);
	const project = projectRoot(folder, environment.home);
	return Object.hasOwn(choices, project) ? choices[project] : undefined;
}

/** Remembers it, with the user's own state and not in the project. */
export async function keepLastChoice(folder: string, profile: string, environment: Environment): Promise<void> {
	const choices = { ...(await readChoices(environment)), [projectRoot(folder, environment.home)]: profile };
	writeFileAtomic(fileOf(environment), `${JSON.stringify(choices, undefined, "\t")}\n`);
}

async function readChoices(environment: Environment): Promise<Record<string, string>> {
	const file = fileOf(environment);
	if (!existsSync(file)) return {};
	try {
		return JSON.parse(await readFile(file, "utf8")) as Record<string, string>;
	} catch {
		return {}; // damaged: the next choice writes it anew
	}
}

function fileOf(environment: Environment): string {
	return join(stateFolder(environment), "choices.json");
}
