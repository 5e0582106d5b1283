import { isObject } from "../../platform/json.ts";
import type { Target } from "../../profile/model/target.ts";
import type { ThinkingBlock } from "../../protocol/messages.ts";
import { readSignature } from "../reasoning/signature.ts";
import { HOSTED_CALLS, type HostedCall, type OutputItem, type ReasoningItem } from "./wire.ts";

/**
 * The reasoning items for a thinking block. Encrypted items go back as they came, to the model that issued them. Plain
 * reasoning goes back to servers that read it (`reasoningField`; OpenAI does not).
 */
export function reasoningItems(block: ThinkingBlock, target: Target): (ReasoningItem | HostedCall)[] {
	const own = readSignature(block.signature, target)?.items;
	if (own) return own.filter((item) => isReasoningItem(item) || isHostedCall(item));
	const text = block.thinking ?? "";
	if (target.quirks.reasoningField === "none" || text === "") return [];
	return [{ type: "reasoning", summary: [], content: [{ type: "reasoning_text", text }], encrypted_content: "" }];
}

/**
 * The fields of a reasoning item that have to go back; undefined for one without encrypted content. `status` belongs to
 * the reply, and is refused in a request if it is null.
 */
export function encryptedItem(item: OutputItem): ReasoningItem | undefined {
	if (typeof item.encrypted_content !== "string" || item.encrypted_content === "") return undefined;
	const kept = Object.entries(item).filter(([field, value]) => field !== "status" && !isEmpty(field, value));
	return { summary: [], ...Object.fromEntries(kept), type: "reasoning" };
}

function isReasoningItem(value: unknown): value is ReasoningItem {
	return isObject(value) && value["type"] === "reasoning";
}

export function isHostedCall(value: unknown): value is HostedCall {
	return isObject(value) && HOSTED_CALLS.some((type) => type === value["type"]);
}

/** OpenAI refuses an empty `content`, although its own models send it. */
function isEmpty(field: string, value: unknown): boolean {
	return value === null || (field === "content" && Array.isArray(value) && value.length === 0);
}
