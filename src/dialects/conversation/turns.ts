import type { Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
import {
	type ContentBlock,
	contentBlocks,
	isToolResult,
	isToolUse,
	type MessageRequest,
	type ToolResultBlock,
	type ToolUseBlock,
} from "../../protocol/messages.ts";
import { reminder } from "../../protocol/reminders.ts";
import type { ToolNames } from "../tools/tool-names.ts";
import { blockText } from "./block-text.ts";
import { type ContentContext, contentParts, type Part } from "./content-parts.ts";

/** What a dialect needs to write a conversation in the provider's format. */
export interface HistoryContext {
	target: Target;
	names: ToolNames;
	/** Claude Code's tool-use id → the provider's. */
	ids: ReadonlyMap<string, string>;
	note: Note;
	/** Sentences that are added at the end, for everything that the provider has no field for. */
	instructions: readonly string[];
}

/** Writes each kind of turn. `where` names the message, for notes. */
export interface TurnForms<Item> {
	assistant(blocks: readonly ContentBlock[], where: string): Item[];
	/** `calls` are those of the preceding assistant turn. */
	user(blocks: readonly ContentBlock[], calls: readonly ToolUseBlock[], where: string): Item[];
	/** A system message inside the conversation. */
	system(blocks: readonly ContentBlock[], where: string): Item[];
}

/**
 * A conversation in the provider's format. Each turn depends only on itself and the turns before it, so the items of one
 * request are a prefix of those of the next: providers cache prefixes.
 */
export function encodeTurns<Item>(messages: MessageRequest["messages"], forms: TurnForms<Item>): Item[] {
	const items: Item[] = [];
	let calls: readonly ToolUseBlock[] = [];
	for (const [index, message] of messages.entries()) {
		const blocks = contentBlocks(message.content);
		const where = `request.messages[${index}]`;
		if (message.role === "assistant") {
			items.push(...forms.assistant(blocks, where));
			calls = blocks.filter(isToolUse);
		} else if (message.role === "system") items.push(...forms.system(blocks, where));
		else items.push(...forms.user(blocks, calls, where));
	}
	return items;
}

/**
 * A system message inside the conversation: as it is if the wire `takesSystem` messages there, otherwise as a reminder
 * in a user turn. It keeps its position, because moving it to the top would change the prefix with every turn. Undefined
 * when it has no text.
 */
export function laterSystem(
	blocks: readonly ContentBlock[],
	takesSystem: boolean,
	note: Note,
	where: string,
): { role: "system" | "user"; text: string } | undefined {
	const text = systemText(blocks);
	if (text === "") return undefined;
	if (takesSystem) return { role: "system", text };
	note({ kind: "later-system", where, seen: "system message", done: "sent as a reminder in a user turn" });
	return { role: "user", text: reminder(text) };
}

/** Everything in a user turn that is not a tool result. */
export function partsBesideResults(
	blocks: readonly ContentBlock[],
	{ target, note }: Omit<ContentContext, "where">,
	where: string,
): Part[] {
	const others = blocks.filter((block) => block.type !== "tool_result");
	return contentParts(others, { target, note, where });
}

/** Blocks of a system prompt as one text. */
export function systemText(system: MessageRequest["system"] | readonly ContentBlock[]): string {
	const blocks = typeof system === "string" || system === undefined ? contentBlocks(system) : system;
	return blocks
		.map(blockText)
		.filter((text) => text !== "")
		.join("\n\n");
}

/** The text of an assistant block; "" for calls, thinking and encrypted reasoning. */
export function assistantText(block: ContentBlock, note: Note, where: string): string {
	switch (block.type) {
		case "text":
			return blockText(block);
		case "tool_use":
		case "thinking":
			return "";
		case "redacted_thinking":
			// No other model can read it, and a replacement text would look like the model's own words.
			note({ kind: "redacted-thinking-block", where, seen: "encrypted reasoning", done: "left out" });
			return "";
		default: {
			const text = blockText(block);
			note({ kind: `${block.type.replaceAll("_", "-")}-block`, where, seen: block.type, done: "sent as text" });
			return `${text}\n`;
		}
	}
}

/** The tool results of a user turn, in the order of their calls. */
export function orderedResults(blocks: readonly ContentBlock[], calls: readonly ToolUseBlock[]): ToolResultBlock[] {
	const position = (result: ToolResultBlock) => {
		const index = calls.findIndex((call) => call.id === result.tool_use_id);
		return index === -1 ? calls.length : index;
	};
	const results = blocks.filter(isToolResult);
	return results.sort((left, right) => position(left) - position(right));
}

/**
 * The parts of a tool result. Images and files move to `hoisted`, headed by the provider's `id` of the call, if a
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

/** The text of a failed call, for wires without a flag for it: unmarked, it would look like a success. */
export function failureText(text: string): string {
	return /^\s*(<tool_use_error>|error\b)/i.test(text) ? text : `Error: ${text}`;
}
