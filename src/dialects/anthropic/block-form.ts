import { asObject, isObject } from "../../platform/json.ts";
import type { BlockDelta } from "../../protocol/events.ts";
import { isPresent } from "../frames.ts";
import type { LooseBlock, LooseDelta } from "./wire.ts";

/** Types of blocks by the names that endpoints give them. */
const BLOCK_TYPES: Readonly<Record<string, "text" | "thinking" | "tool_use">> = {
	output_text: "text",
	refusal: "text",
	reasoning: "thinking",
	thought: "thinking",
	tool_call: "tool_use",
	function_call: "tool_use",
	function: "tool_use",
};

/** Kinds of deltas by the documented names, and by those that endpoints give them. */
const DELTA_KINDS: Readonly<Record<string, "text" | "thinking" | "signature" | "tool_use">> = {
	text_delta: "text",
	text: "text",
	output_text: "text",
	thinking_delta: "thinking",
	thinking: "thinking",
	reasoning: "thinking",
	reasoning_delta: "thinking",
	signature_delta: "signature",
	signature: "signature",
	input_json_delta: "tool_use",
	input_json: "tool_use",
	tool_use: "tool_use",
	tool_use_delta: "tool_use",
};

/** A block with the documented type and fields. The same object when it has them. */
export function documentedBlock(given: unknown): LooseBlock {
	if (typeof given === "string") return { type: "text", text: given };
	const block = asObject(given);
	switch (typeof block["type"] === "string" ? (BLOCK_TYPES[block["type"]] ?? block["type"]) : typeByFields(block)) {
		case "text":
			return isText(block) ? block : { type: "text", text: firstText(block, "text", "refusal", "content") };
		case "thinking":
			return isThinking(block) ? block : { ...thinkingOf(block), ...signatureOf(block) };
		case "tool_use":
			return isToolUse(block) ? block : toolUseOf(block);
		default:
			return block;
	}
}

/** The type of a block without one. */
function typeByFields(block: LooseBlock): "text" | "thinking" | "tool_use" | undefined {
	if (block["function"] !== undefined || (block.name !== undefined && "input" in block)) return "tool_use";
	if (typeof block.name === "string" && block["arguments"] !== undefined) return "tool_use";
	if (typeof block.thinking === "string") return "thinking";
	return typeof block.text === "string" ? "text" : undefined;
}

function isText({ type, text }: LooseBlock): boolean {
	return type === "text" && (typeof text === "string" || text === undefined);
}

function isThinking({ type, thinking }: LooseBlock): boolean {
	return type === "thinking" && (typeof thinking === "string" || thinking === undefined);
}

function isToolUse(block: LooseBlock): boolean {
	return block.type === "tool_use" && typeof block.name === "string" && !("arguments" in block);
}

function thinkingOf(block: LooseBlock): LooseBlock {
	return { type: "thinking", thinking: firstText(block, "thinking", "reasoning", "text", "content") };
}

function signatureOf({ signature }: LooseBlock): LooseBlock {
	return { signature: typeof signature === "string" ? signature : "" };
}

/** OpenAI's form of a call, flat (Responses) or in a `function` (chat completions). */
function toolUseOf(block: LooseBlock): LooseBlock {
	const call = asObject(block["function"]);
	// Some send `input: {}` beside the arguments.
	const inputs = [block["arguments"], call["arguments"], block["args"], block.input];
	const input = inputs.find(isPresent);
	const id = block["call_id"] ?? block.id ?? block["tool_call_id"];
	return { type: "tool_use", id, name: block.name ?? call["name"], input: input ?? {} };
}

function firstText(fields: LooseBlock, ...names: string[]): string {
	return names.map((name) => fields[name]).find((value): value is string => typeof value === "string") ?? "";
}

/** The type of a delta, also of one that the Messages API may add later; the types of events are none. */
export const DELTA_TYPE = /^(?!content_block_|message_)\w+_delta$/;

/** A delta with the documented type and fields. The same object when it has them. */
export function documentedDelta(given: unknown): LooseDelta {
	if (typeof given === "string") return { type: "text_delta", text: given };
	const delta: LooseDelta = asObject(given);
	const type = typeof delta.type === "string" ? delta.type : "";
	switch (DELTA_KINDS[type] ?? (DELTA_TYPE.test(type) ? undefined : kindByFields(delta))) {
		case "text":
			if (type === "text_delta" && typeof delta.text === "string") return delta;
			return { type: "text_delta", text: firstText(delta, "text", "content") };
		case "thinking":
			if (type === "thinking_delta" && typeof delta.thinking === "string") return delta;
			return { type: "thinking_delta", thinking: firstText(delta, "thinking", "reasoning", "text", "content") };
		case "signature":
			if (type === "signature_delta" && typeof delta["signature"] === "string") return delta;
			return { type: "signature_delta", signature: firstText(delta, "signature") };
		case "tool_use":
			if (type === "input_json_delta" && delta.partial_json !== undefined) return delta;
			return { type: "input_json_delta", partial_json: delta.partial_json ?? delta["arguments"] ?? delta["input"] };
		default:
			return delta;
	}
}

function kindByFields(delta: LooseDelta): "text" | "thinking" | "signature" | "tool_use" | undefined {
	if (delta.partial_json !== undefined || delta["arguments"] !== undefined) return "tool_use";
	if (typeof delta.thinking === "string") return "thinking";
	if (typeof delta["signature"] === "string") return "signature";
	return typeof delta.text === "string" ? "text" : undefined;
}

export interface StartedBlock {
	/** The empty block for content_block_start. The same object when it came empty. */
	block: LooseBlock;
	/** Content of the start event that belongs in deltas. */
	deltas: BlockDelta[];
	/** A whole input in the start event. It is written at the end, unless deltas repeat it. */
	wholeInput: string | undefined;
}

/** Takes the content out of a start event: Claude Code ignores a text or an input there. */
export function startBlock(block: LooseBlock): StartedBlock {
	switch (block.type) {
		case "text":
			return { block: emptied(block, "text"), deltas: carried(block.text, "text"), wholeInput: undefined };
		case "thinking": {
			const signature = block["signature"];
			const deltas = carried(block.thinking, "thinking");
			if (typeof signature === "string" && signature !== "") deltas.push({ type: "signature_delta", signature });
			const start = signature ? { ...block, signature: "" } : block;
			return { block: emptied(start, "thinking"), deltas, wholeInput: undefined };
		}
		case "tool_use":
		case "server_tool_use":
			return startTool(block);
		default:
			return { block, deltas: [], wholeInput: undefined };
	}
}

function emptied(block: LooseBlock, field: "text" | "thinking"): LooseBlock {
	return block[field] === "" ? block : { ...block, [field]: "" };
}

function carried(value: unknown, kind: "text" | "thinking"): BlockDelta[] {
	if (typeof value !== "string" || value === "") return [];
	return [kind === "text" ? { type: "text_delta", text: value } : { type: "thinking_delta", thinking: value }];
}

function startTool(block: LooseBlock): StartedBlock {
	const { input } = block;
	if (isObject(input) && Object.keys(input).length === 0) return { block, deltas: [], wholeInput: undefined };
	const text = typeof input === "string" ? input : JSON.stringify(input ?? {});
	const isEmpty = text === "{}" || text.trim() === "";
	return { block: { ...block, input: {} }, deltas: [], wholeInput: isEmpty ? undefined : text };
}
