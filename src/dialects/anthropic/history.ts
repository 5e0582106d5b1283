import {
	type ContentBlock,
	contentBlocks,
	type MessageParam,
	type MessageRequest,
	type TextBlock,
	type ThinkingBlock,
	type ToolResultBlock,
	type ToolUseBlock,
} from "../../protocol/messages.ts";
import { reminder } from "../../protocol/reminders.ts";
import { blockText, toolReferenceText } from "../conversation/block-text.ts";
import type { HistoryContext } from "../conversation/turns.ts";
import { citedSignature, isOwnSignature } from "../reasoning/signature.ts";
import { wantsThinking } from "../reasoning/thinking-request.ts";

/** Instructions are added by `encode`, after the conversation. */
type MessagesContext = Omit<HistoryContext, "instructions">;

/** The conversation in a form that the endpoint accepts. A message that needs no change stays the same object. */
export function adaptMessages(request: MessageRequest, context: MessagesContext): MessageParam[] {
	const messages = request.messages.flatMap((message, index) => {
		const where = `request.messages[${index}]`;
		if (message.role === "system") return [laterSystem(message, context, where)];
		const adapted = adaptMessage(message, context, where);
		if (adapted.content.length === 0) return [];
		return [adapted.role === "assistant" ? withThinking(adapted, request, context, where) : adapted];
	});
	return context.target.quirks.mergeUserTurns ? mergeUserTurns(messages) : messages;
}

function laterSystem(message: MessageParam, context: MessagesContext, where: string): MessageParam {
	if (context.target.quirks.laterSystem === "system") return message;
	context.note({ kind: "later-system", where, seen: "system message", done: "sent as a reminder in a user turn" });
	const text = contentBlocks(message.content).map(blockText).join("\n\n");
	return { role: "user", content: [{ type: "text", text: reminder(text) }] };
}

function adaptMessage(message: MessageParam, context: MessagesContext, where: string): MessageParam {
	if (typeof message.content === "string") return message;
	const content = adaptBlocks(message.content, context, where);
	return content === message.content ? message : { ...message, content };
}

function adaptBlocks(blocks: ContentBlock[], context: MessagesContext, where: string): ContentBlock[] {
	const adapted = blocks.flatMap((block) => adaptBlock(block, context, where) ?? []);
	const isSame = adapted.length === blocks.length && adapted.every((block, index) => block === blocks[index]);
	return isSame ? blocks : adapted;
}

/** The block in a form that the endpoint accepts; undefined: it is left out. */
function adaptBlock(block: ContentBlock, context: MessagesContext, where: string): ContentBlock | undefined {
	const { quirks, vision } = context.target;
	switch (block.type) {
		case "text":
			return withoutOwnCitations(block);
		case "thinking":
			return adaptThinkingBlock(block, context, where);
		case "redacted_thinking":
			if (quirks.signedThinkingOnly) return block;
			context.note({ kind: "redacted-thinking-block", where, seen: "encrypted reasoning", done: "left out" });
			return undefined;
		case "tool_use":
			return adaptToolUse(block, context);
		case "tool_result":
			return adaptToolResult(block, context, where);
		case "image":
			return vision ? block : describe(block, context, where);
		case "document":
			return quirks.documents === "file" ? block : describe(block, context, where);
		case "server_tool_use":
		case "web_search_tool_result":
		case "search_result":
			return quirks.serverTools.length > 0 ? block : describe(block, context, where);
		default:
			return block;
	}
}

/** The endpoint does not understand our own signatures. */
function withoutOwnCitations(block: TextBlock): TextBlock {
	const { citations, ...rest } = block;
	const others = citations?.filter((citation) => citedSignature(citation) === undefined) ?? [];
	if (others.length === (citations?.length ?? 0)) return block;
	return others.length > 0 ? { ...rest, citations: others } : rest;
}

/** The endpoint does not understand our own signatures. Anthropic refuses a thinking block without a signature. */
function adaptThinkingBlock(
	block: ThinkingBlock,
	{ target, note }: MessagesContext,
	where: string,
): ContentBlock | undefined {
	if (target.quirks.reasoningField === "none") {
		note({ kind: "reasoning-removed", where, seen: "thinking of an earlier turn", done: "left out" });
		return undefined;
	}
	const isOwn = isOwnSignature(block.signature);
	if (target.quirks.signedThinkingOnly && (isOwn || !block.signature)) {
		note({ kind: "unsigned-thinking", where, seen: "reasoning of another model", done: "left out" });
		return undefined;
	}
	if (!isOwn) return block;
	return block.thinking === "" ? undefined : { ...block, signature: "" };
}

function adaptToolUse(block: ToolUseBlock, { names, ids }: MessagesContext): ContentBlock {
	const id = ids.get(block.id) ?? block.id;
	const name = names.toProvider(block.name);
	return id === block.id && name === block.name ? block : { ...block, id, name };
}

function adaptToolResult(block: ToolResultBlock, context: MessagesContext, where: string): ContentBlock {
	const tool_use_id = context.ids.get(block.tool_use_id) ?? block.tool_use_id;
	const content = Array.isArray(block.content) ? adaptResultContent(block.content, context, where) : block.content;
	if (tool_use_id === block.tool_use_id && content === block.content) return block;
	return { ...block, tool_use_id, ...(content !== undefined && { content }) };
}

function adaptResultContent(blocks: ContentBlock[], context: MessagesContext, where: string): ContentBlock[] {
	const adapted = adaptBlocks(blocks, context, where);
	const names = adapted.flatMap((block) => (block.type === "tool_reference" ? [block.tool_name] : []));
	if (context.target.quirks.toolReferences || names.length === 0) return adapted;
	context.note({ kind: "tool-reference-block", where, seen: names.join(", "), done: "sent as text" });
	const others = adapted.filter((block) => block.type !== "tool_reference");
	return [...others, { type: "text", text: toolReferenceText(names) }];
}

function describe(block: ContentBlock, { note }: MessagesContext, where: string): ContentBlock {
	note({ kind: `${block.type.replaceAll("_", "-")}-block`, where, seen: block.type, done: "sent as text" });
	return { type: "text", text: blockText(block) };
}

/** Adds a placeholder to a turn that has lost its thinking block if the endpoint requires one. */
function withThinking(
	message: MessageParam,
	request: MessageRequest,
	context: MessagesContext,
	where: string,
): MessageParam {
	const { reasoningRequired, reasoningPlaceholder } = context.target.quirks;
	if (reasoningRequired === "never" || !wantsThinking(request)) return message;
	const blocks = contentBlocks(message.content);
	const isRequired = reasoningRequired === "always" || blocks.some((block) => block.type === "tool_use");
	if (!isRequired || blocks.some((block) => block.type === "thinking")) return message;
	context.note({ kind: "reasoning-lost", where, seen: "a turn without its reasoning", done: "placeholder sent" });
	return { ...message, content: [{ type: "thinking", thinking: reasoningPlaceholder, signature: "" }, ...blocks] };
}

function mergeUserTurns(messages: readonly MessageParam[]): MessageParam[] {
	const merged: MessageParam[] = [];
	for (const message of messages) {
		const last = merged.at(-1);
		if (message.role === "user" && last?.role === "user") {
			const content = [...contentBlocks(last.content), ...contentBlocks(message.content)];
			merged[merged.length - 1] = { role: "user", content };
		} else merged.push(message);
	}
	return merged;
}
