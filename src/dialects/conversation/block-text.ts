import { asObject } from "../../platform/json.ts";
import { type ContentBlock, contentBlocks, type DocumentBlock, type ImageBlock } from "../../protocol/messages.ts";

/** A document as text: its content if that is text, otherwise a note with its name. */
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

/** The text that a model without vision gets instead of an image. */
export function imageText(block: ImageBlock): string {
	const kind = "media_type" in block.source ? block.source.media_type : block.source.type;
	return `[Image (${kind}) attached: this model cannot see images]`;
}

/** The tools that a tool search has loaded, as text: other providers do not know `tool_reference` blocks. */
export function toolReferenceText(names: readonly string[]): string {
	return `Tools loaded and ready to be called: ${names.join(", ")}`;
}

/** A block without a counterpart in another protocol, as text that shows its content. Never empty. */
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
			return "[Encrypted reasoning of another model: this one cannot read it]";
		default:
			return `[Content of type ${block.type}: ${JSON.stringify({ ...block, type: undefined, cache_control: undefined })}]`;
	}
}

/** A content as text, with a description of everything that is not text. */
function contentText(content: string | ContentBlock[] | undefined): string {
	return contentBlocks(content).map(blockText).join("\n\n");
}

/** Any block as text. */
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
