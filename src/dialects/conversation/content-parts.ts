import type { Target } from "../../profile/model/target.ts";
import { excerpt, type Note } from "../../protocol/divergence.ts";
import type { ContentBlock, DocumentBlock, ImageBlock } from "../../protocol/messages.ts";
import { blockText, imageText, toolReferenceText } from "./block-text.ts";

/** A part of a user turn or a tool result, before a dialect gives it the provider's form. `data` is base64. */
export type Part =
	| { kind: "text"; text: string }
	| { kind: "image"; mediaType: string; data: string }
	| { kind: "image-url"; url: string }
	| { kind: "file"; mediaType: string; data: string; name: string };

export interface ContentContext {
	target: Target;
	note: Note;
	/** The message that notes point at. */
	where: string;
}

/** Blocks of a user turn or a tool result as parts, in order. A block without a counterpart becomes text, with a note. */
export function contentParts(blocks: readonly ContentBlock[], context: ContentContext): Part[] {
	const parts: Part[] = [];
	const references: string[] = [];
	for (const block of blocks) {
		if (block.type === "tool_reference") references.push(block.tool_name);
		else parts.push(contentPart(block, context));
	}
	if (references.length > 0) parts.push({ kind: "text", text: toolReferenceText(references) });
	return parts.filter((part) => part.kind !== "text" || part.text !== "");
}

/** The text of parts that are all text; undefined when one of them is not. */
export function joinedText(parts: readonly Part[]): string | undefined {
	const texts = parts.map((part) => (part.kind === "text" ? part.text : undefined));
	return texts.every((text) => text !== undefined) ? texts.join("\n\n") : undefined;
}

function contentPart(block: ContentBlock, context: ContentContext): Part {
	if (block.type === "text") return { kind: "text", text: blockText(block) };
	if (block.type === "image") return imagePart(block, context);
	if (block.type === "document") return documentPart(block, context);
	return describe(block, blockText(block), context);
}

function imagePart(block: ImageBlock, context: ContentContext): Part {
	if (!context.target.vision) return describe(block, imageText(block), context);
	const { source } = block;
	if (source.type === "base64") return { kind: "image", mediaType: source.media_type, data: source.data };
	if (source.type === "url") return { kind: "image-url", url: source.url };
	return describe(block, `[Image ${source.file_id} attached: this endpoint has no stored files]`, context);
}

function documentPart(block: DocumentBlock, context: ContentContext): Part {
	const { source } = block;
	if (source.type === "text" || source.type === "content") return { kind: "text", text: blockText(block) };
	if (source.type === "base64" && context.target.quirks.documents === "file") {
		return { kind: "file", mediaType: source.media_type, data: source.data, name: block.title ?? "document.pdf" };
	}
	return describe(block, blockText(block), context);
}

function describe(block: ContentBlock, text: string, { note, where }: ContentContext): Part {
	note({
		kind: `${block.type.replaceAll("_", "-")}-block`,
		where,
		seen: block.type,
		done: `sent as text: ${excerpt(text)}`,
	});
	return { kind: "text", text };
}
