import type { ContentBlock, MessageRequest, ToolResultBlock, ToolUseBlock } from "../../protocol/messages.ts";
import { reminder } from "../../protocol/reminders.ts";
import { joinedText, type Part } from "../conversation/content-parts.ts";
import {
	assistantText,
	encodeTurns,
	failureText,
	type HistoryContext,
	laterSystem,
	orderedResults,
	partsBesideResults,
	resultParts,
} from "../conversation/turns.ts";
import { reasoningItems } from "./reasoning.ts";
import type { InputItem, InputPart } from "./wire.ts";

/** The conversation as input items. Those of one request are a prefix of those of the next. */
export function inputItems(request: MessageRequest, context: HistoryContext): InputItem[] {
	const items = encodeTurns<InputItem>(request.messages, {
		assistant: (blocks, where) => assistantItems(blocks, context, where),
		user: (blocks, calls, where) => userItems(blocks, calls, context, where),
		system: (blocks, where) => laterSystemItems(blocks, context, where),
	});
	for (const text of context.instructions) items.push({ type: "message", role: "user", content: reminder(text) });
	return items;
}

function laterSystemItems(
	blocks: readonly ContentBlock[],
	{ target, note }: HistoryContext,
	where: string,
): InputItem[] {
	const message = laterSystem(blocks, target.quirks.laterSystem === "system", note, where);
	return message === undefined ? [] : [{ type: "message", role: message.role, content: message.text }];
}

/** Reasoning, text and calls in their order. Reasoning at the end is left out: a reasoning item alone is refused. */
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
			reasoning.push(...reasoningItems(block, target));
			continue;
		}
		if (block.type === "tool_use") {
			push(functionCall(block, context));
			continue;
		}
		const text = assistantText(block, note, where);
		const last = reasoning.length === 0 ? items.at(-1) : undefined;
		if (text === "") continue;
		// The blocks came as one text from the provider, so they are joined without a separator.
		if (last?.type === "message" && last.role === "assistant") last.content = `${last.content}${text}`;
		else push({ type: "message", role: "assistant", content: text });
	}
	if (target.quirks.messagePhase) markPhases(items);
	if (items.length === 0)
		note({ kind: "empty-assistant-turn", where, seen: "neither text nor tool call", done: "left out" });
	else if (reasoning.length > 0)
		note({ kind: "dangling-reasoning", where, seen: "reasoning at the end of a turn", done: "left out" });
	return items;
}

/** The text of a turn with calls is commentary, because the turn continues after the results. Otherwise it is the answer. */
function markPhases(items: readonly InputItem[]): void {
	const phase = items.some((item) => item.type === "function_call") ? "commentary" : "final_answer";
	for (const item of items) if (item.type === "message" && item.role === "assistant") item.phase = phase;
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
	calls: readonly ToolUseBlock[],
	context: HistoryContext,
	where: string,
): InputItem[] {
	const hoisted: Part[] = [];
	const items = orderedResults(blocks, calls).map((result) => callOutput(result, hoisted, context, where));
	const rest = partsBesideResults(blocks, context, where);
	const parts = [...hoisted, ...rest];
	if (parts.length > 0) items.push({ type: "message", role: "user", content: inputContent(parts) });
	return items;
}

function callOutput(result: ToolResultBlock, hoisted: Part[], context: HistoryContext, where: string): InputItem {
	const call_id = context.ids.get(result.tool_use_id) ?? result.tool_use_id;
	const output = inputContent(resultParts(result, call_id, hoisted, context, where));
	const isFailure = result.is_error === true && typeof output === "string";
	return { type: "function_call_output", call_id, output: isFailure ? failureText(output) : output };
}

/** Parts as the content of a message or the output of a call: one string where all parts are text. */
export function inputContent(parts: readonly Part[]): string | InputPart[] {
	return joinedText(parts) ?? parts.map(inputPart);
}

function inputPart(part: Part): InputPart {
	switch (part.kind) {
		case "text":
			return { type: "input_text", text: part.text };
		case "image":
			return { type: "input_image", detail: "auto", image_url: `data:${part.mediaType};base64,${part.data}` };
		case "image-url":
			return { type: "input_image", detail: "auto", image_url: part.url };
		case "file":
			return { type: "input_file", filename: part.name, file_data: `data:${part.mediaType};base64,${part.data}` };
	}
}
