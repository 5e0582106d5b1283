import type { ContentBlock, MessageRequest, ToolResultBlock, ToolUseBlock } from "../../anthropic/messages.ts";
import { contentBlocks } from "../../anthropic/messages.ts";
import type { Note } from "../../divergence.ts";
import type { Target } from "../../profile/target.ts";
import { contentParts, type Part, textOf } from "../content-parts.ts";
import type { ToolNames } from "../tool-names.ts";
import { assistantText, orderedResults, reminder, resultParts, systemText } from "../turn.ts";
import { geminiPart, inlineData } from "./content.ts";
import { lostSignature, thoughtSignatures } from "./thought-signature.ts";
import type { Content, RequestPart } from "./wire.ts";

export interface HistoryContext {
	target: Target;
	names: ToolNames;
	note: Note;
	/** What has to be said in words at the end, because the provider has no field for it. */
	instructions: readonly string[];
}

/**
 * The conversation as contents. Each turn follows from itself and the turns before it, never from later ones: the
 * contents of one request are a prefix of those of the next, which is what the provider caches.
 */
export function contents(request: MessageRequest, context: HistoryContext): Content[] {
	const list: Content[] = [];
	let calls: ToolUseBlock[] = [];
	for (const [index, message] of request.messages.entries()) {
		const blocks = contentBlocks(message.content);
		const where = `request.messages[${index}]`;
		if (message.role === "assistant") {
			list.push(...modelContent(blocks, context, where));
			calls = blocks.filter((block) => block.type === "tool_use") as ToolUseBlock[];
		} else if (message.role === "system") list.push(...laterSystem(blocks, context, where));
		else list.push(...userContents(blocks, calls, context, where));
	}
	for (const text of context.instructions) list.push({ role: "user", parts: [{ text: reminder(text) }] });
	return list;
}

/** There is no system role inside the conversation. */
function laterSystem(blocks: readonly ContentBlock[], { note }: HistoryContext, where: string): Content[] {
	const text = systemText(blocks);
	if (text === "") return [];
	note({ kind: "later-system", where, seen: "system message", done: "sent as a reminder in a user turn" });
	return [{ role: "user", parts: [{ text: reminder(text) }] }];
}

function modelContent(blocks: readonly ContentBlock[], context: HistoryContext, where: string): Content[] {
	const { note, target, names } = context;
	const signatures = thoughtSignatures(blocks, target);
	const uses = blocks.filter((block) => block.type === "tool_use") as ToolUseBlock[];
	const hasOwn = uses.some((use) => signatures.has(use.id));
	const lost = hasOwn ? undefined : lostSignature(target);
	if (lost !== undefined && uses.length > 0)
		note({ kind: "thought-signature-lost", where, seen: "a call without its signature", done: "placeholder sent" });
	const parts: RequestPart[] = [];
	for (const block of blocks) {
		if (block.type === "tool_use") {
			const use = block as ToolUseBlock;
			const functionCall = { name: names.toProvider(use.name), args: use.input ?? {} };
			const thoughtSignature = signatures.get(use.id) ?? (use === uses[0] ? lost : undefined);
			parts.push({ functionCall, ...(thoughtSignature !== undefined && { thoughtSignature }) });
			continue;
		}
		const text = assistantText(block, note, where);
		if (text !== "") parts.push({ text });
	}
	if (parts.length > 0) return [{ role: "model", parts }];
	note({ kind: "empty-assistant-turn", where, seen: "neither text nor tool call", done: "left out" });
	return [];
}

/** The answers to all calls of the turn before in one content, in the order of the calls; everything else after it. */
function userContents(
	blocks: readonly ContentBlock[],
	calls: readonly ToolUseBlock[],
	context: HistoryContext,
	where: string,
): Content[] {
	const hoisted: Part[] = [];
	const ids = calls.map((call) => call.id);
	const answers = orderedResults(blocks, ids).map((result) => {
		const name = calls.find((call) => call.id === result.tool_use_id)?.name ?? result.tool_use_id;
		return functionResponse(result, name, hoisted, context, where);
	});
	const rest = contentParts(
		blocks.filter((block) => block.type !== "tool_result"),
		{ ...context, where },
	);
	const parts = [...hoisted, ...rest].map((part) => geminiPart(part, { ...context, where }));
	const turns: Content[] = [];
	if (answers.length > 0) turns.push({ role: "user", parts: answers });
	if (parts.length > 0) turns.push({ role: "user", parts });
	return turns;
}

function functionResponse(
	result: ToolResultBlock,
	name: string,
	hoisted: Part[],
	context: HistoryContext,
	where: string,
): RequestPart {
	const parts = resultParts(result, result.tool_use_id, hoisted, { ...context, where });
	const text = textOf(parts.filter((part) => part.kind === "text")) ?? "";
	const response = result.is_error === true ? { error: text } : { output: text };
	const attached = parts.flatMap((part) =>
		part.kind === "image" || part.kind === "file" ? [{ inlineData: inlineData(part) }] : [],
	);
	const answer = { name: context.names.toProvider(name), response };
	return { functionResponse: attached.length > 0 ? { ...answer, parts: attached } : answer };
}
