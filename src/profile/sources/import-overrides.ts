import { existsSync } from "node:fs";
import { copyFile, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { writeFileAtomic } from "../../platform/atomic-write.ts";
import { configFolder, type Environment } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { removeMembers } from "../documents/json-document.ts";
import type { ProfileFile } from "../model/schema.ts";
import { importedVariables, literal } from "./anthropic-variables.ts";
import { builtinNameForUrl } from "./builtin.ts";
import {
	claudeSettingsFile,
	noOverrides,
	readApiKeyHelper,
	readSettingsOverrides,
	readSettingsVariables,
} from "./claude-settings.ts";
import { profileOfOverrides } from "./model-overrides.ts";

export interface ImportOptions {
	/** Name of the new profile; absent: by what is imported. */
	name?: string | undefined;
	/** Overwrite a profile of that name. */
	force: boolean;
	/** Remove the block from the settings file. */
	removeFromSettings: boolean;
}

/** What an import wrote. */
export interface Imported {
	/** The profile's name, its file, and the source of its values. */
	name: string;
	profile: string;
	from: string;
	/** The settings file that was changed, and the copy of how it was. */
	settings?: string | undefined;
	backup?: string | undefined;
}

/**
 * Makes a profile file of the user's own setup of Claude Code: the `modelOverrides` block of its settings, else the
 * ANTHROPIC_* variables in their `env`, else those of the shell; the key is `apiKeyHelper` if no variable holds one. The
 * settings file is changed only with `removeFromSettings`, which removes the block, and a copy is kept beside it.
 */
export async function importOverrides(options: ImportOptions, environment: Environment): Promise<Imported> {
	const settings = claudeSettingsFile(environment);
	const found = await readSettingsOverrides(environment);
	if (!found) return importVariables(options, environment);
	const name = options.name ?? "claude-overrides";
	// Its quirks and limits are inherited.
	const first = Object.values(found.overrides)[0];
	const known = first && (await builtinNameForUrl(first.baseURL));
	const values = { ...(known ? { extends: known } : {}), ...profileOfOverrides(found.overrides) };
	const from = "modelOverrides in the Claude Code settings";
	const profile = writeProfile({ name, from, values, force: options.force }, environment);
	if (!options.removeFromSettings) return { name, profile, from };
	const backup = await removeBlock(settings, Object.keys(found.overrides));
	return { name, profile, from, settings, backup };
}

async function importVariables({ name: given, force }: ImportOptions, environment: Environment): Promise<Imported> {
	const settings = claudeSettingsFile(environment);
	const inSettings = readSettingsVariables(environment) ?? {};
	// Claude Code's own order: its settings before the shell.
	const all = { ...environment.env, ...inSettings };
	const keyOf = (variable: string) => {
		const value = inSettings[variable];
		return value === undefined ? `env:${variable}` : literal(value);
	};
	const imported = await importedVariables(all, keyOf);
	if (!imported) throw noOverrides(settings);
	const helper = "key" in imported ? undefined : keyCommandOf(readApiKeyHelper(environment));
	const values = helper === undefined ? imported : { ...imported, keyOptional: false, key: helper };
	const isFile = "ANTHROPIC_BASE_URL" in inSettings;
	const name = given ?? (isFile ? "claude-settings" : "claude-environment");
	const from = isFile ? `env in ${settings}` : "the ANTHROPIC_* variables of the shell";
	return { name, profile: writeProfile({ name, from, values, force }, environment), from };
}

/** `apiKeyHelper` as a key of a profile; undefined if it has quotes of both kinds, which `command:` cannot hold. */
function keyCommandOf(helper: string | undefined): string | undefined {
	const quote = ["'", '"'].find((each) => !helper?.includes(each));
	return helper === undefined || quote === undefined ? undefined : `command:sh -c ${quote}${helper}${quote}`;
}

interface NewProfile {
	name: string;
	from: string;
	values: ProfileFile;
	force: boolean;
}

function writeProfile({ name, from, values, force }: NewProfile, environment: Environment): string {
	if (!/^[a-z0-9][a-z0-9._-]*$/i.test(name)) {
		throw new UserError(`${name} is not a valid profile name`, {
			hint: "use letters, digits, dots and dashes",
			exitCode: EXIT.usage,
		});
	}
	const file = join(configFolder(environment), "profiles", `${name}.yaml`);
	if (existsSync(file) && !force) {
		throw new UserError(`${file} already exists`, {
			hint: "choose another name with --name, or overwrite it with --force",
			exitCode: EXIT.config,
		});
	}
	const head = `# Made by \`cc-any profiles import\` from ${from}.\n`;
	writeFileAtomic(file, head + stringify({ name, ...values }));
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
