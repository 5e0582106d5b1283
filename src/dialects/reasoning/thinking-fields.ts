import type { Quirks } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { MessageRequest } from "../../protocol/messages.ts";
import { budgetWithin, setPath, wantsThinking } from "./thinking-wish.ts";

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
		const fields = copy(quirks.thinkingOff);
		if (effort !== undefined && quirks.effortWithoutThinking) setEffort(fields, effort, quirks, note);
		return fields;
	}
	const fields = copy(quirks.thinkingOn);
	if (request.thinking?.type === "enabled" && quirks.thinkingBudgetField) {
		const budget = budgetWithin(request.thinking.budget_tokens, request);
		if (budget !== undefined) setPath(fields, quirks.thinkingBudgetField, budget);
	}
	if (effort !== undefined) setEffort(fields, effort, quirks, note);
	return fields;
}

/** What `structuredClone` does for plain JSON, at a hundredth of its time. */
function copy<T>(value: T): T {
	if (typeof value !== "object" || value === null) return value;
	if (Array.isArray(value)) return value.map(copy) as T;
	return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, copy(inner)])) as T;
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
