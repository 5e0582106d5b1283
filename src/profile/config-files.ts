import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { EXIT, UserError } from "../ui/fail.ts";
import { type FieldPath, parseSource, type SourceDocument } from "./document.ts";
import { configFolder, type Environment } from "./environment.ts";
import type { Layer } from "./layer.ts";
import { type ConfigFile, ConfigFileSchema, ProfileFileSchema } from "./schema.ts";
import { validate } from "./validate.ts";

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
const FORMATS = ["json", "yaml", "yml", "toml"];

const PACKAGE_KEY = "cc-any";

/**
 * Names of project files, in order of preference: cosmiconfig's, without JavaScript, because a config must not run
 * code. cosmiconfig itself is not used: it always loads `.config/config.js` of the current folder as its own meta
 * config, whatever loaders it is given, so that a cloned repository could run code in the process that holds the key.
 */
const PROJECT_FILES = [
	"package.json",
	".cc-anyrc",
	...FORMATS.map((format) => `.cc-anyrc.${format}`),
	...FORMATS.map((format) => `cc-any.config.${format}`),
];

/** Reads `config.{yaml,yml,json,toml}` of the user's own folder, if there is one. */
export async function readUserConfig(environment: Environment): Promise<Config | undefined> {
	const file = USER_FILES.map((name) => join(configFolder(environment), name)).find((path) => existsSync(path));
	return file ? readConfig(await readText(file), file, "user") : undefined;
}

/** Finds and reads the project's config: the nearest, from `cwd` up to the git root or the home folder. */
export async function findProjectConfig(cwd: string, home: string): Promise<Config | undefined> {
	for (const folder of foldersUp(cwd, home)) {
		const found = searchFolder(folder);
		if (found) return readConfig(found.text, found.file, "project");
	}
	return undefined;
}

/** Reads a profile file. `kind` says whose it is: a project's file is bound by trust. */
export async function readProfileFile(file: string, kind: "user" | "project"): Promise<Layer> {
	const document = await parseSource(await readText(file), file);
	const values = validate(ProfileFileSchema, document);
	return { values, kind, source: file, folder: dirname(file), document };
}

/** The user's own profile of this name, from `profiles/` in the config folder. */
export async function readUserProfile(name: string, environment: Environment): Promise<Layer | undefined> {
	const file = userProfileFile(name, environment);
	return file ? readProfileFile(file, "user") : undefined;
}

/** Whether the user has a profile file of this name. */
export function hasUserProfile(name: string, environment: Environment): boolean {
	return userProfileFile(name, environment) !== undefined;
}

function userProfileFile(name: string, environment: Environment): string | undefined {
	const folder = join(configFolder(environment), "profiles");
	return ["yaml", "yml"].map((end) => join(folder, `${name}.${end}`)).find((path) => existsSync(path));
}

/** Names of the user's own profile files. */
export function userProfileNames(environment: Environment): string[] {
	const folder = join(configFolder(environment), "profiles");
	if (!existsSync(folder)) return [];
	return readdirSync(folder)
		.filter((file) => /\.ya?ml$/.test(file))
		.map((file) => file.replace(/\.ya?ml$/, ""))
		.sort();
}

async function readConfig(text: string, file: string, kind: Config["kind"]): Promise<Config> {
	const whole = await parseSource(text, file);
	const prefix = basename(file) === "package.json" ? [PACKAGE_KEY] : [];
	const value = prefix.length > 0 ? (whole.value as Record<string, unknown>)[PACKAGE_KEY] : whole.value;
	const document = { ...whole, value };
	return { kind, file, values: validate(ConfigFileSchema, document, prefix), document: whole, prefix };
}

/** The first of the project file names that the folder holds, with its text. */
function searchFolder(folder: string): { text: string; file: string } | undefined {
	for (const name of PROJECT_FILES) {
		const file = join(folder, name);
		if (!existsSync(file)) continue;
		const text = readFileSync(file, "utf8");
		if (name !== "package.json" || holdsConfig(text)) return { text, file };
	}
	return undefined;
}

/** Whether a package.json has our key at its top. A damaged package.json is npm's business, not ours. */
function holdsConfig(content: string): boolean {
	if (!content.includes('"cc-any"')) return false;
	try {
		return PACKAGE_KEY in (JSON.parse(content) as Record<string, unknown>);
	} catch (error) {
		if (error instanceof SyntaxError) return false;
		throw error;
	}
}

function* foldersUp(cwd: string, home: string): Generator<string> {
	let folder = resolve(cwd);
	while (true) {
		yield folder;
		const parent = dirname(folder);
		if (parent === folder || folder === resolve(home) || existsSync(join(folder, ".git"))) return;
		folder = parent;
	}
}

async function readText(file: string): Promise<string> {
	try {
		return await readFile(file, "utf8");
	} catch (error) {
		const code = (error as NodeJS.ErrnoException).code ?? "unreadable";
		throw new UserError(`${file} cannot be read (${code})`, {
			hint: "check the path; `cc-any profiles` lists what can be chosen by name",
			exitCode: EXIT.config,
		});
	}
}
