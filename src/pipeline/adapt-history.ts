import type { Target } from "../profile/model/target.ts";
import type { Note } from "../protocol/divergence.ts";
import { type ContentBlock, contentBlocks, type MessageRequest } from "../protocol/messages.ts";
import { reminder } from "../protocol/reminders.ts";
import { digestOf } from "./images.ts";
import { mapBlocks, mapMessages } from "./map-blocks.ts";

/**
 * The conversation in the form that the endpoint accepts, for whatever in it would be refused with every later turn. The
 * same object when nothing changes.
 */
export function adaptHistory(request: MessageRequest, target: Target, note: Note): MessageRequest {
	const { systemPrompt, prefill, emptyContent, contentLists } = target.quirks;
	let adapted = withoutRefusedImages(request, target.refusedImages ?? [], note);
	if (systemPrompt === "user-turn") adapted = systemAsUserTurn(adapted, note);
	if (!emptyContent) adapted = withFilledContent(adapted, note);
	if (!prefill) adapted = withFinalUserTurn(adapted, note);
	return contentLists ? adapted : withTextContent(adapted, note);
}

function withoutRefusedImages(request: MessageRequest, refused: readonly string[], note: Note): MessageRequest {
	if (refused.length === 0) return request;
	return mapBlocks(request, (block, where) => {
		if (block.type !== "image" || !refused.includes(digestOf(block))) return block;
		note({ kind: "refused-image", where, seen: "image", done: "replaced by a note" });
		return { type: "text", text: "[Image left out: the endpoint refused it]" };
	});
}

/** Chat templates without a system role (Gemma) refuse the field. */
function systemAsUserTurn(request: MessageRequest, note: Note): MessageRequest {
	const { system, ...rest } = request;
	const blocks = contentBlocks(system);
	if (blocks.length === 0) return rest;
	note({ kind: "system-prompt", where: "request.system", seen: "system prompt", done: "sent in the first user turn" });
	const [first, ...others] = request.messages;
	if (first?.role !== "user") return { ...rest, messages: [{ role: "user", content: blocks }, ...request.messages] };
	const content = [...contentBlocks(first.content)];
	// The results of calls come first in a turn.
	const index = content.findLastIndex((block) => block.type === "tool_result") + 1;
	return { ...rest, messages: [{ role: "user", content: content.toSpliced(index, 0, ...blocks) }, ...others] };
}

/** The text that Claude Code itself puts into an empty message. */
const NO_CONTENT = "(no content)";

/** An empty result, and a turn with nothing but calls: "the message at position 8 with role 'assistant' must not be empty". */
function withFilledContent(request: MessageRequest, note: Note): MessageRequest {
	const filled = mapBlocks(request, (block, where) => {
		if (block.type !== "tool_result" || contentBlocks(block.content).some(isNotEmpty)) return block;
		note({ kind: "empty-content", where, seen: "an empty result", done: `sent as ${NO_CONTENT}` });
		return { ...block, content: NO_CONTENT };
	});
	return mapMessages(filled, (message, where) => {
		const blocks = contentBlocks(message.content);
		if (message.role !== "assistant" || blocks.some((block) => block.type === "text" && isNotEmpty(block)))
			return message;
		note({ kind: "empty-content", where, seen: "a turn without text", done: `sent with ${NO_CONTENT}` });
		const index = blocks.findIndex(({ type }) => type !== "thinking" && type !== "redacted_thinking");
		const text: ContentBlock = { type: "text", text: NO_CONTENT };
		return { ...message, content: blocks.toSpliced(index < 0 ? blocks.length : index, 0, text) };
	});
}

function isNotEmpty(block: ContentBlock): boolean {
	return block.type !== "text" || block.text.trim() !== "";
}

function withFinalUserTurn(request: MessageRequest, note: Note): MessageRequest {
	const index = request.messages.length - 1;
	if (request.messages[index]?.role !== "assistant") return request;
	const where = `request.messages[${index}]`;
	note({ kind: "prefill", where, seen: "the beginning of the reply", done: "a user turn asks to continue it" });
	const text = reminder("Continue your last message exactly where it ends.");
	return { ...request, messages: [...request.messages, { role: "user", content: text }] };
}

/** Lists of text blocks as one text. Other lists cannot be sent as text; they stay. */
function withTextContent(request: MessageRequest, note: Note): MessageRequest {
	const joined = (content: ContentBlock[] | string | undefined) => {
		if (!Array.isArray(content) || !content.every((block) => block.type === "text")) return content;
		return content.map((block) => (block.type === "text" ? block.text : "")).join("\n\n");
	};
	const results = mapBlocks(request, (block) => {
		const content = block.type === "tool_result" ? joined(block.content) : undefined;
		return block.type === "tool_result" && content !== undefined && content !== block.content
			? { ...block, content }
			: block;
	});
	const adapted = mapMessages(results, (message) => {
		const content = joined(message.content);
		return content === undefined || content === message.content ? message : { ...message, content };
	});
	const system = joined(request.system);
	const isChanged = adapted !== request || system !== request.system;
	if (isChanged) note({ kind: "content-lists", where: "request", seen: "lists of text blocks", done: "sent as text" });
	return system === request.system || typeof system !== "string" ? adapted : { ...adapted, system };
}
