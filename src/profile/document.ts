import { extname } from "node:path";
import type { Document, LineCounter, Node } from "yaml";
import { EXIT, UserError } from "../ui/fail.ts";

/** Path of a field inside a file, outermost first. */
export type FieldPath = readonly (string | number)[];

/** A parsed file that still knows where its fields stand. */
export interface SourceDocument {
	/** Path of the file. */
	file: string;
	text: string;
	value: unknown;
	/** Line of a field, from 1; of its nearest parent when the field is absent; undefined when the format gives none. */
	lineOf(path: FieldPath): number | undefined;
}

/**
 * Parses YAML, JSON or TOML, told apart by the extension; without one it is YAML, of which JSON is a part.
 * Throws a `UserError` with file and line for text that does not parse.
 */
export async function parseSource(text: string, file: string): Promise<SourceDocument> {
	return extname(file) === ".toml" ? parseToml(text, file) : parseYaml(text, file);
}

/** Dotted name of a field for people: `models.kimi-k3.price`. */
export function fieldName(path: FieldPath): string {
	return path.map(String).join(".");
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

async function parseYaml(text: string, file: string): Promise<SourceDocument> {
	const { LineCounter, parseDocument } = await import("./yaml.ts");
	const lines = new LineCounter();
	const document = parseDocument(text.replace(/^\uFEFF/, ""), { lineCounter: lines, prettyErrors: false });
	const format = extname(file) === ".json" ? "JSON" : "YAML";
	if (document.errors.length > 0) {
		const found = document.errors.slice(0, 5).map((error) => {
			return `${file}:${lines.linePos(error.pos[0]).line}: not valid ${format}: ${error.message}`;
		});
		throw unreadable(found.join("\n"));
	}
	return { file, text, value: plainValue(document, file), lineOf: (path) => lineIn(document, lines, path) };
}

/** Turns the document into plain values; an alias that is expanded too often is refused by the parser here. */
function plainValue(document: Document, file: string): unknown {
	try {
		return document.toJS() ?? {};
	} catch (error) {
		throw unreadable(`${file}: not usable: ${error instanceof Error ? error.message : String(error)}`);
	}
}

function lineIn(document: Document, lines: LineCounter, path: FieldPath): number | undefined {
	let offset: number | undefined;
	let node = document.contents as Node | null;
	for (const part of path) {
		const step = childOf(node, part);
		if (!step) break;
		offset = step.offset ?? offset;
		node = step.node;
	}
	return offset === undefined ? undefined : lines.linePos(offset).line;
}

interface MapLike {
	items: { key: Node & { value?: unknown }; value: Node | null }[];
}

function childOf(node: Node | null, part: string | number) {
	if (!node || !("items" in node)) return undefined;
	if (typeof part === "number") {
		const item = (node as unknown as { items: Node[] }).items[part];
		return item && { node: item, offset: item.range?.[0] };
	}
	const pair = (node as unknown as MapLike).items.find((item) => String(item.key?.value) === part);
	return pair && { node: pair.value, offset: pair.key.range?.[0] };
}

function unreadable(message: string): UserError {
	return new UserError(message, { hint: "correct the file and try again", exitCode: EXIT.config });
}
