import { asObject } from "../../platform/json.ts";
import {
	type ContentBlock,
	isToolUse,
	type MessageRequest,
	type ToolResultBlock,
	type ToolUseBlock,
} from "../../protocol/messages.ts";
import { reminder } from "../../protocol/reminders.ts";
import { type ContentContext, joinedText, type Part } from "../conversation/content-parts.ts";
import {
	assistantText,
	encodeTurns,
	type HistoryContext,
	laterSystem,
	orderedResults,
	partsBesideResults,
	resultParts,
} from "../conversation/turns.ts";
import { citedTextSignature, lostSignature, textSignatureIn, thoughtSignatures } from "./reasoning.ts";
import type { Content, InlineData, RequestPart } from "./wire.ts";

/** Google matches results to calls by name and order, and by id if the profile says `functionCallIds`. */
type GeminiHistoryContext = Omit<HistoryContext, "ids">;

const idField = (id: string, { target }: GeminiHistoryContext) => (target.quirks.functionCallIds ? { id } : {});

/**
 * The conversation as contents, with alternating roles: Google answers 400 to two turns of one role in a row. Their parts
 * are those of the next request's beginning.
 */
export function contents(request: MessageRequest, context: GeminiHistoryContext): Content[] {
	const list = encodeTurns<Content>(request.messages, {
		assistant: (blocks, where) => modelContent(blocks, context, where),
		user: (blocks, calls, where) => userContents(blocks, calls, context, where),
		system: (blocks, where) => laterSystemContents(blocks, context, where),
	});
	for (const text of context.instructions) list.push({ role: "user", parts: [{ text: reminder(text) }] });
	return alternating(list);
}

function alternating(contents: readonly Content[]): Content[] {
	const joined: Content[] = [];
	for (const { role, parts } of contents) {
		const last = joined.at(-1);
		if (last?.role === role) last.parts = resultsFirst([...last.parts, ...parts]);
		else joined.push({ role, parts });
	}
	return joined;
}

/** The results come directly after their calls, also if a system message was between them. */
function resultsFirst(parts: readonly RequestPart[]): RequestPart[] {
	const isResult = (part: RequestPart) => "functionResponse" in part;
	return [...parts.filter(isResult), ...parts.filter((part) => !isResult(part))];
}

/** There is no system role inside the conversation. */
function laterSystemContents(
	blocks: readonly ContentBlock[],
	{ note }: GeminiHistoryContext,
	where: string,
): Content[] {
	const message = laterSystem(blocks, false, note, where);
	return message === undefined ? [] : [{ role: "user", parts: [{ text: message.text }] }];
}

function modelContent(blocks: readonly ContentBlock[], context: GeminiHistoryContext, where: string): Content[] {
	const { note, target, names } = context;
	const signatures = thoughtSignatures(blocks, target);
	const uses = blocks.filter(isToolUse);
	// Of parallel calls Google signs the first.
	const lost = uses[0] && !signatures.has(uses[0].id) ? lostSignature(target) : undefined;
	if (lost !== undefined)
		note({ kind: "thought-signature-lost", where, seen: "a call without its signature", done: "placeholder sent" });
	const parts: RequestPart[] = [];
	/** The signature of the text that comes next. */
	let next: string | undefined;
	for (const block of blocks) {
		if (block.type === "tool_use") {
			const functionCall = {
				...idField(block.id, context),
				name: names.toProvider(block.name),
				args: asObject(block.input),
			};
			const thoughtSignature = signatures.get(block.id) ?? lost;
			parts.push({ functionCall, ...(thoughtSignature !== undefined && { thoughtSignature }) });
			continue;
		}
		const before = textSignatureIn(block, "before", target);
		const last = parts.at(-1);
		if (before !== undefined && last && "text" in last) last.thoughtSignature = before;
		next = textSignatureIn(block, "after", target) ?? next;
		const text = assistantText(block, note, where);
		if (text === "") continue;
		const signature = next ?? (block.type === "text" ? citedTextSignature(block, target) : undefined);
		parts.push({ text, ...(signature !== undefined && { thoughtSignature: signature }) });
		next = undefined;
	}
	if (parts.length > 0) return [{ role: "model", parts }];
	note({ kind: "empty-assistant-turn", where, seen: "neither text nor tool call", done: "left out" });
	return [];
}

/** The results of all calls of the preceding turn in one content, in the order of the calls; then everything else. */
function userContents(
	blocks: readonly ContentBlock[],
	calls: readonly ToolUseBlock[],
	context: GeminiHistoryContext,
	where: string,
): Content[] {
	const hoisted: Part[] = [];
	const answers = orderedResults(blocks, calls).map((result) => {
		const name = calls.find((call) => call.id === result.tool_use_id)?.name ?? result.tool_use_id;
		return functionResponse(result, name, hoisted, context, where);
	});
	const rest = partsBesideResults(blocks, context, where);
	const parts = [...hoisted, ...rest].map((part) => geminiPart(part, { note: context.note, where }));
	const all = [...answers, ...parts];
	return all.length > 0 ? [{ role: "user", parts: all }] : [];
}

function functionResponse(
	result: ToolResultBlock,
	name: string,
	hoisted: Part[],
	context: GeminiHistoryContext,
	where: string,
): RequestPart {
	const parts = resultParts(result, result.tool_use_id, hoisted, context, where);
	const text = joinedText(parts.filter((part) => part.kind === "text")) ?? "";
	const response = result.is_error === true ? { error: text } : { output: text };
	const attached = parts.flatMap((part) =>
		part.kind === "image" || part.kind === "file" ? [{ inlineData: inlineData(part) }] : [],
	);
	const answer = { ...idField(result.tool_use_id, context), name: context.names.toProvider(name), response };
	return { functionResponse: attached.length > 0 ? { ...answer, parts: attached } : answer };
}

/** A part in Gemini's format. Gemini fetches no URLs: an image by URL becomes a text. */
export function geminiPart(part: Part, { note, where }: Omit<ContentContext, "target">): RequestPart {
	switch (part.kind) {
		case "text":
			return { text: part.text };
		case "image":
		case "file":
			return { inlineData: inlineData(part) };
		case "image-url": {
			const text = `[Image at ${part.url}: its content was not sent to this model]`;
			note({ kind: "image-block", where, seen: "image by URL", done: `sent as text: ${text}` });
			return { text };
		}
	}
}

export function inlineData(part: { mediaType: string; data: string }): InlineData {
	return { mimeType: part.mediaType, data: part.data };
}
