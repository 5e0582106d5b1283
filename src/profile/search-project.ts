import { existsSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { type FoundFile, SEARCH_PLACES } from "./search-places.ts";

/** Finds the project's config: the nearest, from `cwd` up to the git root or the home folder. */
export async function searchProject(cwd: string, home: string): Promise<FoundFile | undefined> {
	for (const folder of foldersUp(cwd, home)) {
		if (!SEARCH_PLACES.some((place) => existsSync(folder + sep + place))) continue;
		// cosmiconfig is loaded only where there is something for it to look at.
		const { searchFolder } = await import("./search-folder.ts");
		const found = searchFolder(folder);
		if (found) return found;
	}
	return undefined;
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
