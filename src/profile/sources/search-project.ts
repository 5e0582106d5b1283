import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { isObject, tryParseJson } from "../../platform/json.ts";
import { assertReadable } from "../documents/limits.ts";

/** A project's config file, not parsed yet. */
export interface FoundFile {
	file: string;
	text: string;
}

/** The key in package.json, and the stem of the other file names. */
export const CONFIG_NAME = "cc-any";
export const PACKAGE_FILE = "package.json";
const FORMATS = ["json", "yaml", "yml", "toml"];

/** The files in which a folder may hold a project's config, in order of precedence. */
export const SEARCH_PLACES: readonly string[] = [
	PACKAGE_FILE,
	`.${CONFIG_NAME}rc`,
	...FORMATS.map((format) => `.${CONFIG_NAME}rc.${format}`),
	...FORMATS.map((format) => `${CONFIG_NAME}.config.${format}`),
];

/** Finds the project's config: the nearest, from `cwd` up to the git root or the home folder. */
export async function searchProject(cwd: string, home: string): Promise<FoundFile | undefined> {
	for (const folder of foldersUp(cwd, home)) {
		if (!SEARCH_PLACES.some((place) => mayHoldConfig(folder, place))) continue;
		// cosmiconfig takes 4 ms to load, so it is loaded only if there is something for it to find.
		const { searchFolder } = await import("./search-folder.ts");
		const found = searchFolder(folder);
		if (found) return found;
	}
	return undefined;
}

function mayHoldConfig(folder: string, place: string): boolean {
	const file = join(folder, place);
	if (!existsSync(file)) return false;
	assertReadable(file);
	if (place !== PACKAGE_FILE) return true;
	try {
		return holdsConfig(readFileSync(file, "utf8"));
	} catch {
		return true; // a folder of this name, or a file without read permission: cosmiconfig decides
	}
}

/** Whether a package.json has our key at its top level. A damaged one counts as having none: npm reports it. */
export function holdsConfig(text: string): boolean {
	if (!text.includes(`"${CONFIG_NAME}"`)) return false;
	const value = tryParseJson(text);
	return isObject(value) && CONFIG_NAME in value;
}

/** The root of the project that a folder belongs to: the git root; without one, the folder itself. */
export function projectRoot(folder: string, home: string): string {
	const top = [...foldersUp(folder, home)].at(-1);
	return top !== undefined && existsSync(join(top, ".git")) ? top : resolve(folder);
}

function* foldersUp(cwd: string, home: string): Generator<string> {
	let folder = resolve(cwd);
	while (true) {
		yield folder;
		const parent = dirname(folder);
		// `relative` ignores the case where Windows does: a shell keeps `c:\users\me` as it was typed.
		const isHome = relative(folder, home) === "";
		if (parent === folder || isHome || existsSync(join(folder, ".git"))) return;
		folder = parent;
	}
}
