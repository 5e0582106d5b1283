import type { Note } from "../../protocol/divergence.ts";
import type { ContentBlock, MessageRequest, ToolResultBlock, ToolUseBlock } from "../../protocol/messages.ts";
import { contentBlocks, isToolResult } from "../../protocol/messages.ts";
import { blockText } from "./block-text.ts";
import { type ContentContext, contentParts, type Part } from "./content-parts.ts";

/** What is said beside the conversation, in the form that Claude Code itself uses. */
export function reminder(text: string): string {
	return `<system-reminder>\n${text}\n</system-reminder>`;
}

/** Blocks of a system prompt as one text. */
export function systemText(system: MessageRequest["system"] | readonly ContentBlock[]): string {
	const blocks = typeof system === "string" || system === undefined ? contentBlocks(system) : system;
	return blocks
		.map(blockText)
		.filter((text) => text !== "")
		.join("\n\n");
}

/** What an assistant's block says in words; "" for a call, for thinking, and for what only its maker can read. */
export function assistantText(block: ContentBlock, note: Note, where: string): string {
	switch (block.type) {
		case "text":
			return blockText(block);
		case "tool_use":
		case "thinking":
			return "";
		case "redacted_thinking":
			// Nobody but its maker can read it, and words in its place would be taken for the model's own.
			note({ kind: "redacted-thinking-block", where, seen: "encrypted reasoning", done: "left out" });
			return "";
		default: {
			const text = blockText(block);
			note({ kind: `${block.type.replaceAll("_", "-")}-block`, where, seen: block.type, done: "told as text" });
			return `${text}\n`;
		}
	}
}

/** The tool results of a user turn in the order of the calls that they answer. */
export function orderedResults(blocks: readonly ContentBlock[], calls: readonly ToolUseBlock[]): ToolResultBlock[] {
	const place = (result: ToolResultBlock) => {
		const index = calls.findIndex((call) => call.id === result.tool_use_id);
		return index === -1 ? calls.length : index;
	};
	const results = blocks.filter(isToolResult);
	return results.sort((left, right) => place(left) - place(right));
}

/**
 * The parts of a tool result. Images and files move to `hoisted`, headed by the provider's `id` of the call, where a
 * result may hold text only.
 */
export function resultParts(
	result: ToolResultBlock,
	id: string,
	hoisted: Part[],
	{ target, note }: Omit<ContentContext, "where">,
	where: string,
): Part[] {
	const parts = contentParts(contentBlocks(result.content), { target, note, where });
	const attached = parts.filter((part) => part.kind !== "text");
	if (attached.length === 0 || target.quirks.imagesInToolResults) return parts;
	hoisted.push({ kind: "text", text: `[Attached to the result of tool call ${id}]` }, ...attached);
	note({ kind: "tool-result-image", where, seen: id, done: "moved to a user message after the results" });
	return parts.map((part) => (part.kind === "text" ? part : { kind: "text", text: "[Attached below]" }));
}

/** The text of a failed call, where the wire has no flag for a failure: without a word it would pass for a success. */
export function failureText(text: string): string {
	return /^\s*(<tool_use_error>|error\b)/i.test(text) ? text : `Error: ${text}`;
}
