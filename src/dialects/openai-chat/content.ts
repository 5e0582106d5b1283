import type { ContentBlock, DocumentBlock, ImageBlock } from "../../anthropic/messages.ts";
import type { Note } from "../../divergence.ts";
import { excerpt } from "../../divergence.ts";
import type { Target } from "../../profile/target.ts";
import { blockText, imageText, toolReferenceText } from "../block-text.ts";
import type { ContentPart } from "./wire.ts";

/** What one content turns into, and where its notes point. */
export interface ContentContext {
	target: Target;
	note: Note;
	where: string;
}

/** Blocks of a user turn or a tool result as parts, in order. What has no counterpart becomes text, and is noted. */
export function contentParts(blocks: readonly ContentBlock[], context: ContentContext): ContentPart[] {
	const parts: ContentPart[] = [];
	const references: string[] = [];
	for (const block of blocks) {
		if (block.type === "tool_reference") references.push(String((block as { tool_name: unknown }).tool_name));
		else parts.push(contentPart(block, context));
	}
	if (references.length > 0) parts.push({ type: "text", text: toolReferenceText(references) });
	return parts.filter((part) => part.type !== "text" || part.text !== "");
}

/** Text parts alone as one string, the form that every server and template understands; otherwise the parts. */
export function joinParts(parts: readonly ContentPart[]): string | ContentPart[] {
	const texts = parts.map((part) => (part.type === "text" ? part.text : undefined));
	return texts.every((text) => text !== undefined) ? texts.join("\n\n") : [...parts];
}

function contentPart(block: ContentBlock, context: ContentContext): ContentPart {
	if (block.type === "text") return { type: "text", text: blockText(block) };
	if (block.type === "image") return imagePart(block as ImageBlock, context);
	if (block.type === "document") return documentPart(block as DocumentBlock, context);
	return describe(block, blockText(block), context);
}

function imagePart(block: ImageBlock, context: ContentContext): ContentPart {
	if (!context.target.vision) return describe(block, imageText(block), context);
	const { source } = block;
	if (source.type === "base64") {
		return { type: "image_url", image_url: { url: `data:${source.media_type};base64,${source.data}` } };
	}
	if (source.type === "url") return { type: "image_url", image_url: { url: source.url } };
	return describe(block, `[Image ${source.file_id} attached: this endpoint has no stored files]`, context);
}

function documentPart(block: DocumentBlock, context: ContentContext): ContentPart {
	const { source } = block;
	if (source.type === "text" || source.type === "content") return { type: "text", text: blockText(block) };
	if (source.type === "base64" && context.target.quirks.documents === "file") {
		const file_data = `data:${source.media_type};base64,${source.data}`;
		return { type: "file", file: { filename: block.title ?? "document.pdf", file_data } };
	}
	return describe(block, blockText(block), context);
}

function describe(block: ContentBlock, text: string, { note, where }: ContentContext): ContentPart {
	note({
		kind: `${block.type.replaceAll("_", "-")}-block`,
		where,
		seen: block.type,
		done: `told as text: ${excerpt(text)}`,
	});
	return { type: "text", text };
}
