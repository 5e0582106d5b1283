import {
	type ContentBlock,
	contentBlocks,
	isToolResult,
	isToolUse,
	type MessageParam,
	type ToolResultBlock,
	type ToolUseBlock,
} from "../protocol/messages.ts";

export function toolUses(message: MessageParam | undefined): ToolUseBlock[] {
	return message?.role === "assistant" ? contentBlocks(message.content).filter(isToolUse) : [];
}

export function toolResults(message: MessageParam | undefined): ToolResultBlock[] {
	return message?.role === "user" ? contentBlocks(message.content).filter(isToolResult) : [];
}

/** Whether a block is a text without a visible character. */
export function isEmptyText(block: ContentBlock): boolean {
	return block.type === "text" && (block.text ?? "").trim() === "";
}
