import { asObject } from "../../platform/json.ts";
import type { ContentBlock, DocumentBlock, ImageBlock } from "../../protocol/messages.ts";
import { contentBlocks } from "../../protocol/messages.ts";

/** A document as text: its content where that is text, otherwise a note that names it. */
function documentText(block: DocumentBlock): string {
	const title = block.title ?? undefined;
	const source = block.source;
	const head = title === undefined ? "" : ` title=${JSON.stringify(title)}`;
	switch (source.type) {
		case "text":
			return `<document${head}>\n${source.data}\n</document>`;
		case "content":
			return `<document${head}>\n${contentText(source.content)}\n</document>`;
		case "url":
			return `[Document${named(title)} at ${source.url}: its content was not sent to this model]`;
		default: {
			const kind = "media_type" in source ? source.media_type : "file";
			return `[Document${named(title)} (${kind}) attached: this model cannot read it]`;
		}
	}
}

/** What a model without eyes is told instead of an image. */
export function imageText(block: ImageBlock): string {
	const kind = "media_type" in block.source ? block.source.media_type : block.source.type;
	return `[Image (${kind}) attached: this model cannot see images]`;
}

/** What tools a tool search loaded, in words: the reference itself means nothing to another provider. */
export function toolReferenceText(names: readonly string[]): string {
	return `Tools loaded and ready to be called: ${names.join(", ")}`;
}

/** A block that has no counterpart in another protocol, as text that shows what it holds. Never empty. */
function foreignBlockText(block: ContentBlock): string {
	switch (block.type) {
		case "search_result":
			return `[Search result: ${block.title ?? ""} (${block.source ?? ""})]\n${contentText(block.content)}`;
		case "server_tool_use":
			return `[Server tool call ${block.name}: ${JSON.stringify(block.input ?? {})}]`;
		case "web_search_tool_result":
			return webSearchResultText(block.content);
		case "tool_reference":
			return toolReferenceText([block.tool_name]);
		case "redacted_thinking":
			return "[Encrypted reasoning of another model: not readable here]";
		default:
			return `[Content of type ${block.type}: ${JSON.stringify({ ...block, type: undefined, cache_control: undefined })}]`;
	}
}

/** All text of a content, blocks in order; what is not text is described. */
function contentText(content: string | ContentBlock[] | undefined): string {
	return contentBlocks(content).map(blockText).join("\n\n");
}

/** One block as text, whatever it is. */
export function blockText(block: ContentBlock): string {
	switch (block.type) {
		case "text":
			return block.text ?? "";
		case "document":
			return documentText(block);
		case "image":
			return imageText(block);
		default:
			return foreignBlockText(block);
	}
}

function webSearchResultText(content: unknown): string {
	if (!Array.isArray(content)) return `[Web search failed: ${asObject(content)["error_code"] ?? "no result"}]`;
	const lines = content.map(asObject).map((page) => `- ${page["title"] ?? ""} ${page["url"] ?? ""}`);
	return ["[Web search results]", ...lines].join("\n");
}

function named(title: string | undefined): string {
	return title === undefined ? "" : ` ${JSON.stringify(title)}`;
}
