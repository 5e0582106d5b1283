import { extname } from "node:path";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { assertShallow, assertShallowValue } from "./limits.ts";

/** Path of a field inside a file, outermost first. */
export type FieldPath = readonly (string | number)[];

/** A parsed file that can say on which line a field is. */
export interface SourceDocument {
	/** Path of the file. */
	file: string;
	text: string;
	value: unknown;
	/** Line of a field, from 1; of its nearest parent when the field is absent; undefined when the format gives none. */
	lineOf(path: FieldPath): number | undefined;
}

/** Dotted name of a field for messages: `models.kimi-k3.price`. */
export function fieldName(path: FieldPath): string {
	return path.join(".");
}

/** The error for text that does not parse. */
export function unreadable(message: string): UserError {
	return new UserError(message, { hint: "correct the file and try again", exitCode: EXIT.config });
}

/**
 * Parses YAML, JSON or TOML by the file's extension; without one it is YAML, which includes JSON. Text that looks like
 * JSON is tried as JSON first: the YAML parser takes 30 ms more to load. Throws a `UserError` with file and line for
 * text that does not parse or is nested too deeply.
 */
export async function parseSource(text: string, file: string): Promise<SourceDocument> {
	assertShallow(text, file);
	const parsed =
		extname(file) === ".toml"
			? await parseToml(text, file)
			: ((await parseJson(text, file)) ?? (await parseYaml(text, file)));
	assertShallowValue(parsed.value, file);
	return parsed;
}

async function parseJson(text: string, file: string): Promise<SourceDocument | undefined> {
	if (!/^\s*\{/.test(text)) return undefined;
	const { parseJsonDocument } = await import("./json-document.ts");
	return parseJsonDocument(text, file);
}

async function parseYaml(text: string, file: string): Promise<SourceDocument> {
	const { parseYamlDocument } = await import("./yaml-document.ts");
	return parseYamlDocument(text, file);
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
