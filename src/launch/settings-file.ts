import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { isObject } from "../platform/json.ts";
import type { Environment } from "./environment.ts";
import type { Settings } from "./settings.ts";

/**
 * Content of a `--settings` value: inline JSON, or a file. Undefined where it cannot be read; it is then passed on as it
 * is, so that claude says what is wrong in its own words.
 */
export function readSettingsArgument(value: string, directory: string): Settings | undefined {
	return value.trim().startsWith("{") ? parse(value) : readSettings(resolve(directory, value));
}

/** The settings files that claude reads for this directory. Unreadable and damaged ones are left to claude. */
export function readSettingsFiles(environment: Environment, directory: string): Settings[] {
	const project = join(directory, ".claude");
	const paths = [join(project, "settings.json"), join(project, "settings.local.json")];
	const found = [readUserSettings(environment), ...paths.map(readCounting)];
	return found.filter((settings) => settings !== undefined);
}

/** The user's own settings file, as far as claude takes it. */
export function readUserSettings(environment: Environment): Settings | undefined {
	const folder = environment["CLAUDE_CONFIG_DIR"] || join(environment["HOME"] || homedir(), ".claude");
	return readCounting(join(folder, "settings.json"));
}

function readCounting(path: string): Settings | undefined {
	const settings = readSettings(path);
	return settings && !isDropped(settings) ? settings : undefined;
}

/** A block of `modelOverrides` for another tool makes claude drop the whole file: what it chooses does not count. */
function isDropped({ modelOverrides }: Settings): boolean {
	return isObject(modelOverrides) && Object.values(modelOverrides).some((value) => typeof value !== "string");
}

function readSettings(path: string): Settings | undefined {
	try {
		return parse(readFileSync(path, "utf8"));
	} catch {
		return undefined; // absent, a directory, not permitted: claude decides what that means
	}
}

function parse(text: string): Settings | undefined {
	try {
		const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
		return isObject(value) ? value : undefined;
	} catch {
		return undefined; // not JSON: claude reports it
	}
}

/** Folder of one run, which only this user can look into. It goes at `remove`, at the latest at exit. */
export interface RunFolder {
	path: string;
	remove(): void;
}

export function makeRunFolder(): RunFolder {
	const path = mkdtempSync(join(tmpdir(), "cc-any-"));
	const remove = (): void => {
		process.removeListener("exit", remove);
		rmSync(path, { recursive: true, force: true });
	};
	process.once("exit", remove);
	return { path, remove };
}

/** Writes a file that only this user can read into the folder; returns its path. */
export function writeSettingsFile(settings: Settings, folder: string): string {
	const path = join(folder, "settings.json");
	writeFileSync(path, `${JSON.stringify(settings, null, "\t")}\n`, { mode: 0o600, flag: "wx" });
	return path;
}
