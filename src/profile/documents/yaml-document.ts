// Imported lazily: the YAML parser takes 30 ms to load.
import { extname } from "node:path";
import { type Document, LineCounter, type Node, parseDocument } from "yaml";
import { type FieldPath, type SourceDocument, unreadable } from "./parse-source.ts";

/** Parses YAML, or JSON, keeping the positions of its fields. Throws a `UserError` with file and line. */
export function parseYamlDocument(text: string, file: string): SourceDocument {
	const lines = new LineCounter();
	const document = parseDocument(text.replace(/^\uFEFF/, ""), {
		lineCounter: lines,
		prettyErrors: false,
		logLevel: "error",
	});
	const format = extname(file) === ".json" ? "JSON" : "YAML";
	if (document.errors.length > 0) {
		const found = document.errors.slice(0, 5).map((error) => {
			return `${file}:${lines.linePos(error.pos[0]).line}: not valid ${format}: ${error.message}`;
		});
		throw unreadable(found.join("\n"));
	}
	return { file, text, value: plainValue(document, file), lineOf: (path) => lineIn(document, lines, path) };
}

/** The document as plain values. The parser throws here for an alias that is expanded too often. */
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
