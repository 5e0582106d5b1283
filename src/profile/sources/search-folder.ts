import * as explorerModule from "cosmiconfig/dist/ExplorerSync.js";
import { type FoundFile, holdsConfig, NAME, PACKAGE, SEARCH_PLACES } from "./search-places.ts";

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
	}): { search(folder: string): { filepath: string; config: FoundFile } | null };
}
const { ExplorerSync } = explorerModule as unknown as { ExplorerSync: ExplorerClass };

/** The project's config in this very folder, if it has one. */
export function searchFolder(folder: string): FoundFile | undefined {
	const loadText = (file: string, text: string) => ({ file, text });
	const explorer = new ExplorerSync({
		moduleName: NAME,
		packageProp: NAME,
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
	if (!file.endsWith(PACKAGE)) return { file, text };
	return holdsConfig(text) ? { [NAME]: { file, text } } : {};
}
