import { existsSync } from "node:fs";
import { copyFile, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { writeFileAtomic } from "../../platform/atomic-write.ts";
import { configFolder, type Environment } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { removeMembers } from "../documents/json-document.ts";
import { builtinNameForUrl } from "./builtin.ts";
import { claudeSettingsFile, noOverrides, readSettingsOverrides } from "./claude-settings.ts";
import { type ModelOverrides, profileOfOverrides } from "./model-overrides.ts";

export interface ImportOptions {
	/** Name of the new profile. */
	name: string;
	/** Overwrite a profile of that name. */
	force: boolean;
	/** Remove the block from the settings file. */
	removeFromSettings: boolean;
}

/** What an import wrote. */
export interface Imported {
	profile: string;
	/** The settings file that was changed, and the copy of how it was. */
	settings?: string | undefined;
	backup?: string | undefined;
}

/**
 * Turns the `modelOverrides` block of the Claude settings into a profile file of the user's. The settings file is
 * changed only with `removeFromSettings`, and a copy is kept beside it.
 */
export async function importOverrides(options: ImportOptions, environment: Environment): Promise<Imported> {
	const settings = claudeSettingsFile(environment);
	const found = await readSettingsOverrides(environment);
	if (!found) throw noOverrides(settings);
	const profile = await writeProfile(found.overrides, options, environment);
	if (!options.removeFromSettings) return { profile };
	const backup = await removeBlock(settings, Object.keys(found.overrides));
	return { profile, settings, backup };
}

async function writeProfile(overrides: ModelOverrides, options: ImportOptions, environment: Environment) {
	if (!/^[a-z0-9][a-z0-9._-]*$/i.test(options.name)) {
		throw new UserError(`${options.name} is not a valid profile name`, {
			hint: "use letters, digits, dots and dashes",
			exitCode: EXIT.usage,
		});
	}
	const file = join(configFolder(environment), "profiles", `${options.name}.yaml`);
	if (existsSync(file) && !options.force) {
		throw new UserError(`${file} already exists`, {
			hint: "choose another name with --name, or overwrite it with --force",
			exitCode: EXIT.config,
		});
	}
	const first = Object.values(overrides)[0];
	// Its quirks and limits are inherited.
	const known = first && (await builtinNameForUrl(first.baseURL));
	const values = { name: options.name, ...(known ? { extends: known } : {}), ...profileOfOverrides(overrides) };
	const head = "# Made by `cc-any profiles import` from modelOverrides in the Claude Code settings.\n";
	writeFileAtomic(file, head + stringify(values));
	return file;
}

async function removeBlock(file: string, ids: readonly string[]): Promise<string> {
	const text = await readFile(file, "utf8");
	let edited: string;
	try {
		edited = removeMembers(text, "modelOverrides", ids);
	} catch (error) {
		throw new UserError(`${file} was not changed: ${error instanceof Error ? error.message : String(error)}`, {
			hint: "remove the modelOverrides block by hand; the profile has been written",
			exitCode: EXIT.config,
		});
	}
	const { mode } = await stat(file);
	const backup = unusedName(`${file}.before-cc-any`);
	await copyFile(file, backup);
	writeFileAtomic(file, edited, mode & 0o777);
	return backup;
}

function unusedName(path: string): string {
	let name = path;
	for (let count = 2; existsSync(name); count++) name = `${path}-${count}`;
	return name;
}
