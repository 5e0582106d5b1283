import type { ContentBlock, MessageRequest, ThinkingBlock } from "../../anthropic/messages.ts";
import type { Note } from "../../divergence.ts";
import type { Quirks } from "../../profile/quirks.ts";
import type { Target } from "../../profile/target.ts";
import { readSignature } from "../reasoning-signature.ts";
import { budgetWithin, setPath, wantsThinking } from "../thinking-wish.ts";

/** The body fields that switch thinking on or off, its budget and its effort, in the provider's words. */
export function thinkingFields(request: MessageRequest, target: Target, note: Note): Record<string, unknown> {
	const { quirks } = target;
	if (target.thinking === "none") return {};
	const effort = request.output_config?.effort;
	if (!wantsThinking(request)) {
		const where = "request.thinking";
		if (target.thinking === "always") {
			note({ kind: "thinking-always-on", where, seen: "no thinking wanted", done: "this model always thinks" });
			return {};
		}
		// DeepSeek answers 400 to an effort beside a disabled switch.
		const fields = structuredClone(quirks.thinkingOff);
		if (effort !== undefined && quirks.effortWithoutThinking) setEffort(fields, effort, quirks, note);
		return fields;
	}
	const fields = structuredClone(quirks.thinkingOn);
	if (request.thinking?.type === "enabled" && quirks.thinkingBudgetField) {
		const budget = budgetWithin(request.thinking.budget_tokens, request);
		if (budget !== undefined) setPath(fields, quirks.thinkingBudgetField, budget);
	}
	if (effort !== undefined) setEffort(fields, effort, quirks, note);
	return fields;
}

function setEffort(fields: Record<string, unknown>, effort: string, quirks: Quirks, note: Note): void {
	if (!quirks.effortField) return;
	const value = quirks.effortValues[effort];
	if (value !== undefined) setPath(fields, quirks.effortField, value);
	else
		note({
			kind: "effort",
			where: "request.output_config.effort",
			seen: effort,
			done: "not sent: unknown to this provider",
		});
}

export interface ReasoningFields {
	fields: Record<string, unknown>;
	/** What goes before the text of the turn, for models that keep their reasoning in the content. */
	contentPrefix: string;
	/** The provider demands a reasoning that is lost; a placeholder stands in. */
	isLost: boolean;
}

/**
 * The reasoning of an assistant turn, in the field where the provider wants it back. It is sent back for every turn
 * that has one, with the turn unchanged: what comes and goes would break the provider's prefix cache.
 */
export function reasoningFields(blocks: readonly ContentBlock[], quirks: Quirks): ReasoningFields {
	const none = { fields: {}, contentPrefix: "", isLost: false };
	const field = quirks.reasoningField;
	if (field === "none") return none;
	const thinking = blocks.filter((block) => block.type === "thinking") as ThinkingBlock[];
	const text = thinking.map((block) => block.thinking ?? "").join("");
	if (field === "think-tags") return text === "" ? none : { ...none, contentPrefix: `<think>\n${text}\n</think>\n\n` };
	const details = thinking.flatMap((block) => readSignature(block.signature)?.details ?? []);
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
export function toolExtras(blocks: readonly ContentBlock[]): Record<string, unknown> {
	const extras = blocks.map((block) =>
		block.type === "thinking" ? readSignature((block as ThinkingBlock).signature)?.extraContent : undefined,
	);
	return Object.assign({}, ...extras);
}
