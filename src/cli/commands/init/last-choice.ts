import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../../../platform/atomic-write.ts";
import { isObject, tryParseJson } from "../../../platform/json.ts";
import { type Environment, stateFolder } from "../../../platform/paths.ts";
import { projectRoot } from "../../../profile/sources/search-project.ts";

/** The profile that was last picked for the project that a folder belongs to. */
export function readLastChoice(folder: string, environment: Environment): string | undefined {
	const choices = readChoices(environment);
	const project = projectRoot(folder, environment.home);
	const choice = Object.hasOwn(choices, project) ? choices[project] : undefined;
	return typeof choice === "string" ? choice : undefined;
}

/** Remembers it in the user's state folder, not in the project. */
export function keepLastChoice(folder: string, profile: string, environment: Environment): void {
	const choices = { ...readChoices(environment), [projectRoot(folder, environment.home)]: profile };
	writeFileAtomic(choicesFile(environment), `${JSON.stringify(choices, undefined, "\t")}\n`);
}

/** Profile names by project; a damaged file counts as empty, and the next choice overwrites it. */
function readChoices(environment: Environment): Record<string, unknown> {
	const file = choicesFile(environment);
	const choices = existsSync(file) ? tryParseJson(readFileSync(file, "utf8")) : undefined;
	return isObject(choices) ? choices : {};
}

function choicesFile(environment: Environment): string {
	return join(stateFolder(environment), "choices.json");
}
