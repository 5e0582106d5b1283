/** A project file as it was found, not parsed. */
export interface FoundFile {
	file: string;
	text: string;
}

export const NAME = "cc-any";
export const PACKAGE = "package.json";
const FORMATS = ["json", "yaml", "yml", "toml"];

/** Where a folder may hold a project's config, in this order. */
export const SEARCH_PLACES: readonly string[] = [
	PACKAGE,
	`.${NAME}rc`,
	...FORMATS.map((format) => `.${NAME}rc.${format}`),
	...FORMATS.map((format) => `${NAME}.config.${format}`),
];

/** package.json counts when it has our key at its top; a damaged one is npm's business, not ours. */
export function holdsConfig(text: string): boolean {
	if (!text.includes(`"${NAME}"`)) return false;
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === "object" && value !== null && NAME in value;
	} catch (error) {
		if (error instanceof SyntaxError) return false;
		throw error;
	}
}
