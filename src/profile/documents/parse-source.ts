import { extname } from "node:path";
import { parseJson } from "./parse-json.ts";
import type { FieldPath, SourceDocument } from "./source-document.ts";
import { unreadable } from "./unreadable.ts";

export type { FieldPath, SourceDocument };

/**
 * Parses YAML, JSON or TOML, told apart by the extension; without one it is YAML, of which JSON is a part.
 * What looks like JSON is first tried as JSON. Throws a `UserError` with file and line for text that does not parse.
 */
export async function parseSource(text: string, file: string): Promise<SourceDocument> {
	if (extname(file) === ".toml") return parseToml(text, file);
	const json = /^\s*\{/.test(text) ? parseJson(text, file) : undefined;
	if (json) return json;
	const { parseYaml } = await import("./parse-yaml.ts");
	return parseYaml(text, file);
}

/** Dotted name of a field for people: `models.kimi-k3.price`. */
export function fieldName(path: FieldPath): string {
	return path.join(".");
}

async function parseToml(text: string, file: string): Promise<SourceDocument> {
	const { parse, TomlError } = await import("smol-toml");
	try {
		return { file, text, value: parse(text), lineOf: () => undefined };
	} catch (error) {
		if (!(error instanceof TomlError)) throw error;
		const reason = error.message.split("\n")[0]?.replace(/^Invalid TOML document: /, "");
		throw unreadable(`${file}:${error.line}: not valid TOML: ${reason}`);
	}
}
