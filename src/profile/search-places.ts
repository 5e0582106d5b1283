/** A project file as it was found, not parsed. */
export interface FoundFile {
	file: string;
	text: string;
}

export const NAME = "cc-any";
const FORMATS = ["json", "yaml", "yml", "toml"];

/** Where a folder may hold a project's config, in this order. */
export const SEARCH_PLACES: readonly string[] = [
	"package.json",
	`.${NAME}rc`,
	...FORMATS.map((format) => `.${NAME}rc.${format}`),
	...FORMATS.map((format) => `${NAME}.config.${format}`),
];
