import type {
	ContentBlock,
	MessageRequest,
	ThinkingBlock,
	ToolResultBlock,
	ToolUseBlock,
} from "../../anthropic/messages.ts";
import { contentBlocks } from "../../anthropic/messages.ts";
import type { Note } from "../../divergence.ts";
import type { Target } from "../../profile/target.ts";
import { contentParts, type Part } from "../content-parts.ts";
import type { ToolNames } from "../tool-names.ts";
import { assistantText, failureText, orderedResults, reminder, resultParts, systemText } from "../turn.ts";
import { inputContent } from "./content.ts";
import { reasoningItems } from "./reasoning-items.ts";
import type { InputItem } from "./wire.ts";

export interface HistoryContext {
	target: Target;
	names: ToolNames;
	/** Claude Code's tool-use id → the provider's. */
	ids: ReadonlyMap<string, string>;
	note: Note;
	/** What has to be said in words at the end, because the provider has no field for it. */
	instructions: readonly string[];
}

/**
 * The conversation as input items. Each turn follows from itself and the turns before it, never from later ones: the
 * items of one request are a prefix of those of the next, which is what the provider caches.
 */
export function inputItems(request: MessageRequest, context: HistoryContext): InputItem[] {
	const items: InputItem[] = [];
	let calls: string[] = [];
	for (const [index, message] of request.messages.entries()) {
		const blocks = contentBlocks(message.content);
		const where = `request.messages[${index}]`;
		if (message.role === "assistant") {
			items.push(...assistantItems(blocks, context, where));
			calls = blocks.filter((block) => block.type === "tool_use").map((block) => (block as ToolUseBlock).id);
		} else if (message.role === "system") items.push(...laterSystemItems(blocks, context, where));
		else items.push(...userItems(blocks, calls, context, where));
	}
	for (const text of context.instructions) items.push({ type: "message", role: "user", content: reminder(text) });
	return items;
}

/** A system message inside the conversation stays where it is: hoisting it would change the prefix every turn. */
function laterSystemItems(blocks: readonly ContentBlock[], context: HistoryContext, where: string): InputItem[] {
	const content = systemText(blocks);
	if (content === "") return [];
	if (context.target.quirks.laterSystem === "system") return [{ type: "message", role: "system", content }];
	context.note({ kind: "later-system", where, seen: "system message", done: "sent as a reminder in a user turn" });
	return [{ type: "message", role: "user", content: reminder(content) }];
}

/** Reasoning, text and calls in the order in which they were given. Reasoning that leads to nothing is refused. */
function assistantItems(blocks: readonly ContentBlock[], context: HistoryContext, where: string): InputItem[] {
	const { target, note } = context;
	const items: InputItem[] = [];
	let reasoning: InputItem[] = [];
	const push = (item: InputItem) => {
		items.push(...reasoning, item);
		reasoning = [];
	};
	for (const block of blocks) {
		if (block.type === "thinking") {
			reasoning.push(...reasoningItems(block as ThinkingBlock, target));
			continue;
		}
		if (block.type === "tool_use") {
			push(functionCall(block as ToolUseBlock, context));
			continue;
		}
		const text = assistantText(block, note, where);
		const last = reasoning.length === 0 ? items.at(-1) : undefined;
		if (text === "") continue;
		// Pieces of one reply: the provider sent them as one text, so they are joined with nothing between.
		if (last?.type === "message") last.content = `${last.content}${text}`;
		else push({ type: "message", role: "assistant", content: text });
	}
	if (items.length === 0)
		note({ kind: "empty-assistant-turn", where, seen: "neither text nor tool call", done: "left out" });
	else if (reasoning.length > 0)
		note({ kind: "dangling-reasoning", where, seen: "reasoning at the end of a turn", done: "left out" });
	return items;
}

function functionCall(use: ToolUseBlock, { ids, names }: HistoryContext): InputItem {
	return {
		type: "function_call",
		call_id: ids.get(use.id) ?? use.id,
		name: names.toProvider(use.name),
		arguments: JSON.stringify(use.input ?? {}),
	};
}

/** Tool results first, in the order of the calls, then everything else of the turn as one user message. */
function userItems(
	blocks: readonly ContentBlock[],
	calls: readonly string[],
	context: HistoryContext,
	where: string,
): InputItem[] {
	const hoisted: Part[] = [];
	const items = orderedResults(blocks, calls).map((result) => callOutput(result, hoisted, context, where));
	const rest = contentParts(
		blocks.filter((block) => block.type !== "tool_result"),
		{ ...context, where },
	);
	const parts = [...hoisted, ...rest];
	if (parts.length > 0) items.push({ type: "message", role: "user", content: inputContent(parts) });
	return items;
}

function callOutput(result: ToolResultBlock, hoisted: Part[], context: HistoryContext, where: string): InputItem {
	const call_id = context.ids.get(result.tool_use_id) ?? result.tool_use_id;
	const output = inputContent(resultParts(result, call_id, hoisted, { ...context, where }));
	const isFailure = result.is_error === true && typeof output === "string";
	return { type: "function_call_output", call_id, output: isFailure ? failureText(output) : output };
}
