import type { ContentBlock, MessageParam, ToolResultBlock, ToolUseBlock } from "../../protocol/messages.ts";
import { contentBlocks, isToolResult, isToolUse } from "../../protocol/messages.ts";

export function toolUses(message: MessageParam | undefined): ToolUseBlock[] {
	return message?.role === "assistant" ? contentBlocks(message.content).filter(isToolUse) : [];
}

export function toolResults(message: MessageParam | undefined): ToolResultBlock[] {
	return message?.role === "user" ? contentBlocks(message.content).filter(isToolResult) : [];
}

/** A text block without a visible character. */
export function isEmptyText(block: ContentBlock): boolean {
	return block.type === "text" && (block.text ?? "").trim() === "";
}
