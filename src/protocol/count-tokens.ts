import { type ContentBlock, contentBlocks, type MessageRequest } from "./messages.ts";

/** The most that an image costs. Source: platform.claude.com/docs/en/build-with-claude/vision. */
const IMAGE_TOKENS = 1600;
/** Estimates for one page of a PDF. */
const PAGE_TOKENS = 2000;
const PAGE_BASE64_CHARS = 100_000;

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
		if (block.type === "text") parts.push(block.text);
		else if (block.type === "image") mediaTokens += IMAGE_TOKENS;
		else if (block.type === "document" && block.source?.type === "base64") {
			mediaTokens += PAGE_TOKENS * Math.max(1, Math.round(block.source.data.length / PAGE_BASE64_CHARS));
		} else if (block.type === "tool_result") contentBlocks(block.content).forEach(add);
		else parts.push(JSON.stringify(block));
	};
	contentBlocks(request.system).forEach(add);
	for (const message of request.messages) contentBlocks(message.content).forEach(add);
	for (const tool of request.tools ?? []) parts.push(JSON.stringify(tool));
	return { text: parts.join("\n"), mediaTokens };
}

/** Estimates the input tokens of a request. */
export async function estimateTokens(request: MessageRequest): Promise<number> {
	const { estimateTokenCount } = await import("tokenx");
	const { text, mediaTokens } = countedContent(request);
	return estimateTokenCount(text) + mediaTokens;
}
