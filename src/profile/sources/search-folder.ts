import * as explorerModule from "cosmiconfig/dist/ExplorerSync.js";
import { CONFIG_NAME, type FoundFile, holdsConfig, PACKAGE_FILE, SEARCH_PLACES } from "./search-project.ts";

/**
 * The explorer class that `cosmiconfig()` uses. The public function first runs `.config/config.{js,ts,cjs}` of the
 * current folder as its own config, whatever loaders it is given (seen with cosmiconfig 9.0.2): a cloned repository
 * could run code in the process that holds the key. The class searches only the places that it is given.
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
	}): { search(folder: string): { filepath: string; config: FoundFile } | null };
}
const { ExplorerSync } = explorerModule as unknown as { ExplorerSync: ExplorerClass };

/** The project's config in this folder itself, if it has one. */
export function searchFolder(folder: string): FoundFile | undefined {
	const loadText = (file: string, text: string) => ({ file, text });
	const explorer = new ExplorerSync({
		moduleName: CONFIG_NAME,
		packageProp: CONFIG_NAME,
		searchPlaces: SEARCH_PLACES,
		searchStrategy: "none",
		ignoreEmptySearchPlaces: true,
		loaders: { ".json": loadJson, ".yaml": loadText, ".yml": loadText, ".toml": loadText, noExt: loadText },
		transform: (found) => found,
		cache: false,
	});
	return explorer.search(folder)?.config;
}

function loadJson(file: string, text: string): unknown {
	if (!file.endsWith(PACKAGE_FILE)) return { file, text };
	return holdsConfig(text) ? { [CONFIG_NAME]: { file, text } } : {};
}
