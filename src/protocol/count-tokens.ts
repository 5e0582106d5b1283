import { type ContentBlock, contentBlocks, type MessageRequest } from "./messages.ts";

/** Tokens that an image costs at most, by Anthropic's rule (1568 pixels on the long edge). */
const IMAGE_TOKENS = 1600;
/** Tokens of one page of a PDF, and the bytes of base64 that a page takes on average. */
const PAGE_TOKENS = 2000;
const PAGE_BASE64 = 100_000;

/** The text of a request that a model reads, and the tokens of what is not text. */
export interface CountedContent {
	text: string;
	/** Tokens of images and documents, estimated. */
	mediaTokens: number;
}

/** Collects what a token count is made of: system, messages and tools. */
export function countedContent(request: MessageRequest): CountedContent {
	const parts: string[] = [];
	let mediaTokens = 0;
	const add = (block: ContentBlock): void => {
		if (block.type === "text") parts.push(block.text);
		else if (block.type === "image") mediaTokens += IMAGE_TOKENS;
		else if (block.type === "document" && block.source?.type === "base64") {
			mediaTokens += PAGE_TOKENS * Math.max(1, Math.round(block.source.data.length / PAGE_BASE64));
		} else if (block.type === "tool_result") contentBlocks(block.content).forEach(add);
		else parts.push(JSON.stringify(block));
	};
	contentBlocks(request.system).forEach(add);
	for (const message of request.messages) contentBlocks(message.content).forEach(add);
	for (const tool of request.tools ?? []) parts.push(JSON.stringify(tool));
	return { text: parts.join("\n"), mediaTokens };
}

/** Estimates the input tokens of a request. An estimate, and called one wherever it is shown. */
export async function estimateTokens(request: MessageRequest): Promise<number> {
	const { estimateTokenCount } = await import("tokenx");
	const { text, mediaTokens } = countedContent(request);
	return estimateTokenCount(text) + mediaTokens;
}
