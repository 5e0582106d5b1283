import { blocksOf, type ContentBlock, contentBlocks, type MessageRequest } from "./messages.ts";

/** The most that an image costs. Source: platform.claude.com/docs/en/build-with-claude/vision. */
const IMAGE_TOKENS = 1600;
/** Estimates for one page of a PDF. */
const PAGE_TOKENS = 2000;
const PAGE_BASE64_CHARS = 100_000;
/** Characters of JSON or text per token, for what nobody has counted. */
export const CHARS_PER_TOKEN = 4;

/** Length of a text of as many tokens as an image. */
export const IMAGE_CHARS = IMAGE_TOKENS * CHARS_PER_TOKEN;

/** The text of a request that a model reads, and an estimate for everything else. */
export interface CountedContent {
	text: string;
	/** Estimated tokens of images and documents. */
	mediaTokens: number;
}

/** Collects everything in a request that counts: system, messages and tools. */
export function countedContent(request: MessageRequest): CountedContent {
	const parts: string[] = [];
	let mediaTokens = 0;
	const add = (block: ContentBlock): void => {
		const tokens = mediaTokensOf(block);
		if (tokens !== undefined) mediaTokens += tokens;
		else if (block.type === "text") parts.push(block.text);
		else if (block.type === "tool_result") contentBlocks(block.content).forEach(add);
		else parts.push(JSON.stringify(block));
	};
	contentBlocks(request.system).forEach(add);
	for (const message of request.messages) contentBlocks(message.content).forEach(add);
	for (const tool of request.tools ?? []) parts.push(JSON.stringify(tool));
	return { text: parts.join("\n"), mediaTokens };
}

/** Estimated tokens of an image or a document in base64; undefined for other blocks. */
function mediaTokensOf(block: ContentBlock): number | undefined {
	if (block.type === "image") return IMAGE_TOKENS;
	if (block.type !== "document" || block.source?.type !== "base64") return undefined;
	return PAGE_TOKENS * Math.max(1, Math.round(block.source.data.length / PAGE_BASE64_CHARS));
}

/**
 * Length of a request, given that of its JSON: an image or a document has the length of a text of as many tokens, not the
 * megabytes of its data.
 */
export function requestLength(request: MessageRequest, jsonChars: number): number {
	let length = jsonChars;
	for (const block of blocksOf(request)) {
		const tokens = mediaTokensOf(block);
		if (tokens !== undefined) length -= Math.max(0, dataLength(block) - tokens * CHARS_PER_TOKEN);
	}
	return length;
}

function dataLength(block: ContentBlock): number {
	const isMedia = block.type === "image" || block.type === "document";
	return isMedia && block.source.type === "base64" ? block.source.data.length : 0;
}

/** Estimates the input tokens of a request. */
export async function estimateTokens(request: MessageRequest): Promise<number> {
	const { estimateTokenCount } = await import("tokenx");
	const { text, mediaTokens } = countedContent(request);
	return estimateTokenCount(text) + mediaTokens;
}
