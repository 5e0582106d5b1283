import type { BlockDelta } from "../../protocol/events.ts";
import type { ContentBlock } from "../../protocol/messages.ts";
import type { LooseBlock, LooseDelta } from "./wire.ts";

export interface StartedBlock {
	/** As it stands in content_block_start: empty. The same object when it came so. */
	block: ContentBlock;
	/** What stood in the start and belongs into deltas. */
	deltas: BlockDelta[];
	/** A whole input that stood in the start: written at the end, unless deltas repeat it. */
	wholeInput: string | undefined;
}

/** The beginning of a block. Claude Code ignores a text or an input that stands in the start event. */
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
			return { block: block as ContentBlock, deltas: [], wholeInput: undefined };
	}
}

function emptied(block: LooseBlock, field: "text" | "thinking"): ContentBlock {
	return (block[field] === "" ? block : { ...block, [field]: "" }) as ContentBlock;
}

function carried(value: unknown, kind: "text" | "thinking"): BlockDelta[] {
	if (typeof value !== "string" || value === "") return [];
	return [kind === "text" ? { type: "text_delta", text: value } : { type: "thinking_delta", thinking: value }];
}

function startTool(block: LooseBlock): StartedBlock {
	const { input } = block;
	if (isEmptyObject(input)) return { block: block as ContentBlock, deltas: [], wholeInput: undefined };
	const text = typeof input === "string" ? input : JSON.stringify(input ?? {});
	return { block: { ...block, input: {} } as ContentBlock, deltas: [], wholeInput: text === "{}" ? undefined : text };
}

function isEmptyObject(value: unknown): boolean {
	return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** The kind of block that a delta belongs to; undefined: any. */
export function blockTypeOf(delta: LooseDelta): "text" | "thinking" | "tool_use" | undefined {
	switch (delta.type) {
		case "text_delta":
		case "citations_delta":
			return "text";
		case "thinking_delta":
		case "signature_delta":
			return "thinking";
		case "input_json_delta":
			return "tool_use";
		default:
			return undefined;
	}
}
