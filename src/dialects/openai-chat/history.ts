import {
	type ContentBlock,
	isToolUse,
	type MessageRequest,
	type ToolResultBlock,
	type ToolUseBlock,
} from "../../protocol/messages.ts";
import { reminder } from "../../protocol/reminders.ts";
import type { Part } from "../conversation/content-parts.ts";
import {
	assistantText,
	encodeTurns,
	failureText,
	type HistoryContext,
	laterSystem,
	orderedResults,
	partsBesideResults,
	resultParts,
	systemText,
} from "../conversation/turns.ts";
import { reasoningFields, toolExtras } from "./reasoning.ts";
import type { AssistantMessage, ChatMessage, ChatToolCall, ContentPart } from "./wire.ts";

/** The conversation as chat messages. Those of one request are a prefix of those of the next. */
export function chatMessages(request: MessageRequest, context: HistoryContext): ChatMessage[] {
	const messages: ChatMessage[] = [];
	const system = systemText(request.system);
	if (system !== "") messages.push({ role: "system", content: system });
	messages.push(
		...encodeTurns<ChatMessage>(request.messages, {
			assistant: (blocks, where) => assistantMessages(blocks, context, where),
			user: (blocks, calls, where) => userMessages(blocks, calls, context, where),
			system: (blocks, where) => laterSystemMessages(blocks, context, where),
		}),
	);
	for (const text of context.instructions) messages.push({ role: "user", content: reminder(text) });
	return shapeTurns(messages, context);
}

function laterSystemMessages(
	blocks: readonly ContentBlock[],
	{ target, note }: HistoryContext,
	where: string,
): ChatMessage[] {
	const message = laterSystem(blocks, target.quirks.laterSystem === "system", note, where);
	return message === undefined ? [] : [{ role: message.role, content: message.text }];
}

function assistantMessages(blocks: readonly ContentBlock[], context: HistoryContext, where: string): ChatMessage[] {
	const { note, target } = context;
	// The blocks came as one text from the provider, so they are joined without a separator.
	const content = blocks.map((block) => assistantText(block, note, where)).join("");
	const uses = blocks.filter(isToolUse);
	const extras = toolExtras(blocks, target);
	const hasOwn = uses.some((use) => extras[use.id] !== undefined);
	const lost = hasOwn ? undefined : target.quirks.extraContentPlaceholder;
	if (lost && uses.length > 0)
		note({ kind: "thought-signature-lost", where, seen: "a call without its signature", done: "placeholder sent" });
	const tool_calls = uses.map((use, index) =>
		toolCall(use, extras[use.id] ?? (index === 0 ? lost : undefined), context),
	);
	const reasoning = reasoningFields(blocks, target);
	if (reasoning.isLost)
		note({ kind: "reasoning-lost", where, seen: "a turn without its reasoning", done: "placeholder sent" });
	if (content === "" && tool_calls.length === 0) {
		note({ kind: "empty-assistant-turn", where, seen: "neither text nor tool call", done: "left out" });
		return [];
	}
	const message: AssistantMessage = {
		role: "assistant",
		content: `${reasoning.contentPrefix}${content}`,
		...reasoning.fields,
	};
	if (tool_calls.length > 0) message.tool_calls = tool_calls;
	return [message];
}

function toolCall(use: ToolUseBlock, extra: unknown, context: HistoryContext): ChatToolCall {
	const call: ChatToolCall = {
		id: context.ids.get(use.id) ?? use.id,
		type: "function",
		function: { name: context.names.toProvider(use.name), arguments: JSON.stringify(use.input ?? {}) },
	};
	return extra === undefined ? call : { ...call, extra_content: extra };
}

/** Tool results first, in the order of the calls, then everything else of the turn as one user message. */
function userMessages(
	blocks: readonly ContentBlock[],
	calls: readonly ToolUseBlock[],
	context: HistoryContext,
	where: string,
): ChatMessage[] {
	const hoisted: Part[] = [];
	const messages: ChatMessage[] = orderedResults(blocks, calls).map((result) => {
		const call = calls.find(({ id }) => id === result.tool_use_id);
		return toolMessage(result, call, hoisted, context, where);
	});
	const rest = partsBesideResults(blocks, context, where);
	const parts = [...hoisted, ...rest].map(chatPart);
	if (parts.length > 0) messages.push({ role: "user", content: joinParts(parts) });
	return messages;
}

/** Images move to `hoisted` where a tool message accepts only text. */
function toolMessage(
	result: ToolResultBlock,
	call: ToolUseBlock | undefined,
	hoisted: Part[],
	context: HistoryContext,
	where: string,
): ChatMessage {
	const tool_call_id = context.ids.get(result.tool_use_id) ?? result.tool_use_id;
	const parts = resultParts(result, tool_call_id, hoisted, context, where);
	const content = joinParts(parts.map(chatPart));
	const isFailure = result.is_error === true && typeof content === "string";
	const name = call && context.target.quirks.toolResultNames ? { name: context.names.toProvider(call.name) } : {};
	return { role: "tool", tool_call_id, ...name, content: isFailure ? failureText(content) : content };
}

/** Joins and separates turns as the provider's chat template requires. */
function shapeTurns(messages: readonly ChatMessage[], { target }: HistoryContext): ChatMessage[] {
	const shaped: ChatMessage[] = [];
	for (const message of messages) {
		const last = shaped.at(-1);
		if (message.role === "user" && last?.role === "user" && target.quirks.mergeUserTurns) {
			shaped[shaped.length - 1] = { role: "user", content: joinContents(last.content, message.content) };
			continue;
		}
		if (message.role === "user" && last?.role === "tool" && target.quirks.assistantAfterTool) {
			shaped.push({ role: "assistant", content: "Understood." });
		}
		shaped.push(message);
	}
	return shaped;
}

function joinContents(left: string | ContentPart[], right: string | ContentPart[]): string | ContentPart[] {
	const parts = (content: string | ContentPart[]): ContentPart[] =>
		typeof content === "string" ? [{ type: "text", text: content }] : content;
	return joinParts([...parts(left), ...parts(right)]);
}

/** A part in the format of chat completions. */
export function chatPart(part: Part): ContentPart {
	switch (part.kind) {
		case "text":
			return { type: "text", text: part.text };
		case "image":
			return { type: "image_url", image_url: { url: `data:${part.mediaType};base64,${part.data}` } };
		case "image-url":
			return { type: "image_url", image_url: { url: part.url } };
		case "file":
			return {
				type: "file",
				file: { filename: part.name, file_data: `data:${part.mediaType};base64,${part.data}` },
			};
	}
}

/** One string where all parts are text, because every server and template understands that; otherwise the parts. */
export function joinParts(parts: readonly ContentPart[]): string | ContentPart[] {
	const texts = parts.map((part) => (part.type === "text" ? part.text : undefined));
	return texts.every((text) => text !== undefined) ? texts.join("\n\n") : [...parts];
}
