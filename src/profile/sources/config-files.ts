import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isObject } from "../../platform/json.ts";
import { configFolder, type Environment } from "../../platform/paths.ts";
import { readConfigText } from "../documents/limits.ts";
import { type FieldPath, parseSource, type SourceDocument } from "../documents/parse-source.ts";
import { validate } from "../documents/validate.ts";
import { type ConfigFile, ConfigFileSchema, PROFILE_NAME, ProfileFileSchema } from "../model/schema.ts";
import type { Layer } from "./layer.ts";
import { CONFIG_NAME, PACKAGE_FILE, searchProject } from "./search-project.ts";

/** A config file that was read and checked. */
export interface Config {
	kind: "user" | "project";
	file: string;
	values: ConfigFile;
	document: SourceDocument;
	/** `["cc-any"]` inside package.json, else empty. */
	prefix: FieldPath;
}

const USER_FILES = ["config.yaml", "config.yml", "config.json", "config.toml"];

/** Reads `config.{yaml,yml,json,toml}` of the user's own folder, if there is one. */
export async function readUserConfig(environment: Environment): Promise<Config | undefined> {
	const file = USER_FILES.map((name) => join(configFolder(environment), name)).find((path) => existsSync(path));
	return file ? await readConfig(readConfigText(file), file, "user") : undefined;
}

/** Finds and reads the project's config: the nearest, from `cwd` up to the git root or the home folder. */
export async function findProjectConfig(cwd: string, home: string): Promise<Config | undefined> {
	const found = await searchProject(cwd, home);
	return found && readConfig(found.text, found.file, "project");
}

/** Reads a profile file. `kind` says whose it is: a project's file must be trusted. */
export async function readProfileFile(file: string, kind: "user" | "project"): Promise<Layer> {
	const document = await parseSource(readConfigText(file), file);
	const values = validate(ProfileFileSchema, document);
	return { values, kind, source: file, folder: dirname(file), document };
}

/** The user's own profile of this name, from `profiles/` in the config folder. */
export async function readUserProfile(name: string, environment: Environment): Promise<Layer | undefined> {
	const file = userProfileFile(name, environment);
	return file ? await readProfileFile(file, "user") : undefined;
}

/** Whether the user has a profile file of this name. */
export function hasUserProfile(name: string, environment: Environment): boolean {
	return userProfileFile(name, environment) !== undefined;
}

/** The file of exactly this name: `existsSync` ignores the case on macOS and Windows. */
function userProfileFile(name: string, environment: Environment): string | undefined {
	const files = profileFiles(environment);
	const file = ["yaml", "yml"].map((end) => `${name}.${end}`).find((each) => files.includes(each));
	return file && join(profilesFolder(environment), file);
}

/** Names of the user's own profile files. */
export function userProfileNames(environment: Environment): string[] {
	return profileFiles(environment)
		.filter((file) => /\.ya?ml$/.test(file))
		.map((file) => file.replace(/\.ya?ml$/, ""))
		.filter((name) => PROFILE_NAME.test(name))
		.sort();
}

function profileFiles(environment: Environment): string[] {
	const folder = profilesFolder(environment);
	return existsSync(folder) ? readdirSync(folder) : [];
}

function profilesFolder(environment: Environment): string {
	return join(configFolder(environment), "profiles");
}

async function readConfig(text: string, file: string, kind: Config["kind"]): Promise<Config> {
	const whole = await parseSource(text, file);
	const prefix = basename(file) === PACKAGE_FILE ? [CONFIG_NAME] : [];
	const value = prefix.length > 0 && isObject(whole.value) ? whole.value[CONFIG_NAME] : whole.value;
	const document = { ...whole, value };
	return { kind, file, values: validate(ConfigFileSchema, document, prefix), document: whole, prefix };
}
