import type { Quirks } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";
import type { ContentBlock } from "../../protocol/messages.ts";
import { isThinking } from "../../protocol/messages.ts";
import { readSignature } from "../reasoning/reasoning-signature.ts";
import type { AssistantMessage } from "./wire.ts";

export interface ReasoningFields {
	fields: Pick<AssistantMessage, "reasoning_content" | "reasoning" | "reasoning_details">;
	/** What goes before the text of the turn, for models that keep their reasoning in the content. */
	contentPrefix: string;
	/** The provider demands a reasoning that is lost; a placeholder stands in. */
	isLost: boolean;
}

/**
 * The reasoning of an assistant turn, in the field where the provider wants it back. It is sent back for every turn
 * that has one, with the turn unchanged: what comes and goes would break the provider's prefix cache.
 */
export function reasoningFields(blocks: readonly ContentBlock[], target: Target): ReasoningFields {
	const { quirks } = target;
	const none = { fields: {}, contentPrefix: "", isLost: false };
	const field = quirks.reasoningField;
	if (field === "none") return none;
	const thinking = blocks.filter(isThinking);
	const text = thinking.map((block) => block.thinking ?? "").join("");
	if (field === "think-tags") return text === "" ? none : { ...none, contentPrefix: `<think>\n${text}\n</think>\n\n` };
	const details = thinking.flatMap((block) => readSignature(block.signature, target)?.details ?? []);
	if (field === "reasoning_details" && details.length > 0) return { ...none, fields: { [field]: details } };
	const isLost = text === "" && isRequired(blocks, quirks);
	if (text === "" && !isLost) return none;
	const value = isLost ? quirks.reasoningPlaceholder : text;
	const fields = { [field]: field === "reasoning_details" ? [{ type: "reasoning.text", text: value }] : value };
	return { ...none, fields, isLost };
}

function isRequired(blocks: readonly ContentBlock[], { reasoningRequired }: Quirks): boolean {
	if (reasoningRequired === "tool-calls") return blocks.some((block) => block.type === "tool_use");
	return reasoningRequired === "always";
}

/** `extra_content` of the turn's tool calls, by tool-use id. */
export function toolExtras(blocks: readonly ContentBlock[], target: Target): Record<string, unknown> {
	const extras = blocks.map((block) =>
		block.type === "thinking" ? readSignature(block.signature, target)?.extraContent : undefined,
	);
	return Object.assign({}, ...extras);
}
