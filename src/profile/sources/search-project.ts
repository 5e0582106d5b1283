import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { type FoundFile, holdsConfig, PACKAGE, SEARCH_PLACES } from "./search-places.ts";

/** Finds the project's config: the nearest, from `cwd` up to the git root or the home folder. */
export async function searchProject(cwd: string, home: string): Promise<FoundFile | undefined> {
	for (const folder of foldersUp(cwd, home)) {
		if (!SEARCH_PLACES.some((place) => mayHold(folder + sep + place))) continue;
		// cosmiconfig is loaded only where there is something for it to find, 4 ms: nearly every project has a package.json.
		const { searchFolder } = await import("./search-folder.ts");
		const found = searchFolder(folder);
		if (found) return found;
	}
	return undefined;
}

function mayHold(path: string): boolean {
	if (!existsSync(path)) return false;
	if (!path.endsWith(sep + PACKAGE)) return true;
	try {
		return holdsConfig(readFileSync(path, "utf8"));
	} catch {
		return true; // A folder of this name, a file that is closed: cosmiconfig knows what to make of it.
	}
}

/** The folder of the project around a folder: the git root; without one, the folder itself. */
export function projectRoot(folder: string, home: string): string {
	const top = [...foldersUp(folder, home)].at(-1);
	return top !== undefined && existsSync(join(top, ".git")) ? top : resolve(folder);
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
