import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import * as explorerModule from "cosmiconfig/dist/Explorer.js";

/** A project file as it was found, not parsed. */
export interface FoundFile {
	file: string;
	text: string;
}

/**
 * The explorer class behind `cosmiconfig()`. The public function first runs `.config/config.{js,ts,cjs}` of the current
 * folder as a config of its own, whatever loaders it is given (cosmiconfig 9.0.2, seen): a cloned repository could run
 * code in the process that holds the key. The class searches only what it is told.
 */
interface ExplorerClass {
	new (options: {
		moduleName: string;
		packageProp: string;
		searchPlaces: readonly string[];
		searchStrategy: "none";
		ignoreEmptySearchPlaces: boolean;
		loaders: Record<string, (file: string, text: string) => unknown>;
		transform: (found: unknown) => unknown;
		cache: boolean;
	}): { search(folder: string): Promise<{ filepath: string; config: FoundFile } | null> };
}
const { Explorer } = explorerModule as unknown as { Explorer: ExplorerClass };

const NAME = "cc-any";
const FORMATS = ["json", "yaml", "yml", "toml"];

const SEARCH_PLACES = [
	"package.json",
	`.${NAME}rc`,
	...FORMATS.map((format) => `.${NAME}rc.${format}`),
	...FORMATS.map((format) => `${NAME}.config.${format}`),
];

/** Finds the project's config: the nearest, from `cwd` up to the git root or the home folder. */
export async function searchProject(cwd: string, home: string): Promise<FoundFile | undefined> {
	const loadText = (file: string, text: string) => ({ file, text });
	const explorer = new Explorer({
		moduleName: NAME,
		packageProp: NAME,
		searchPlaces: SEARCH_PLACES,
		searchStrategy: "none",
		ignoreEmptySearchPlaces: true,
		loaders: { ".json": loadJson, ".yaml": loadText, ".yml": loadText, ".toml": loadText, noExt: loadText },
		transform: (found) => found,
		cache: false,
	});
	for (const folder of foldersUp(cwd, home)) {
		const found = await explorer.search(folder);
		if (found) return found.config;
	}
	return undefined;
}

/** package.json counts when it has our key at its top; a damaged one is npm's business, not ours. */
function loadJson(file: string, text: string): unknown {
	if (!file.endsWith("package.json")) return { file, text };
	return holdsConfig(text) ? { [NAME]: { file, text } } : {};
}

function holdsConfig(text: string): boolean {
	if (!text.includes(`"${NAME}"`)) return false;
	try {
		return NAME in (JSON.parse(text) as Record<string, unknown>);
	} catch (error) {
		if (error instanceof SyntaxError) return false;
		throw error;
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
