import type { Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { ContentBlock, MessageRequest, ToolUseBlock } from "../../protocol/messages.ts";
import { contentBlocks, isToolUse } from "../../protocol/messages.ts";
import type { ToolNames } from "../tools/tool-names.ts";
import { type ContentContext, contentParts, type Part } from "./content-parts.ts";
import { reminder, systemText } from "./turn.ts";

/** What a dialect needs to write a conversation in the provider's form. */
export interface HistoryContext {
	target: Target;
	names: ToolNames;
	/** Claude Code's tool-use id → the provider's. */
	ids: ReadonlyMap<string, string>;
	note: Note;
	/** What has to be said in words at the end, because the provider has no field for it. */
	instructions: readonly string[];
}

/** What each kind of turn becomes. `where` points at the message, for notes. */
export interface TurnForms<Item> {
	assistant(blocks: readonly ContentBlock[], where: string): Item[];
	/** `calls` are those of the assistant's turn before. */
	user(blocks: readonly ContentBlock[], calls: readonly ToolUseBlock[], where: string): Item[];
	/** A system message inside the conversation. */
	system(blocks: readonly ContentBlock[], where: string): Item[];
}

/**
 * The turns of a conversation in the provider's form. Each follows from itself and the turns before it, never from later
 * ones: the items of one request are a prefix of those of the next, which is what providers cache.
 */
export function encodeTurns<Item>(messages: MessageRequest["messages"], forms: TurnForms<Item>): Item[] {
	const items: Item[] = [];
	let calls: readonly ToolUseBlock[] = [];
	for (const [index, message] of messages.entries()) {
		const blocks = contentBlocks(message.content);
		const where = `request.messages[${index}]`;
		if (message.role === "assistant") {
			items.push(...forms.assistant(blocks, where));
			calls = toolUses(blocks);
		} else if (message.role === "system") items.push(...forms.system(blocks, where));
		else items.push(...forms.user(blocks, calls, where));
	}
	return items;
}

export function toolUses(blocks: readonly ContentBlock[]): ToolUseBlock[] {
	return blocks.filter(isToolUse);
}

/**
 * A system message inside the conversation, which stays where it is (hoisting it would change the prefix every turn): as
 * it is where the wire `takesSystem` there, else as a reminder in a user turn. Undefined when it says nothing.
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

/** What a user turn holds beside the results of tools. */
export function partsBesideResults(
	blocks: readonly ContentBlock[],
	{ target, note }: Omit<ContentContext, "where">,
	where: string,
): Part[] {
	const others = blocks.filter((block) => block.type !== "tool_result");
	return contentParts(others, { target, note, where });
}
