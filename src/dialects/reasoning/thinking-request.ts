import { isObject } from "../../platform/json.ts";
import type { Quirks } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { MessageRequest } from "../../protocol/messages.ts";

/** Whether the caller asks for thinking. Claude Code omits the field if it wants none: subagents, WebFetch, titles. */
export function wantsThinking(request: MessageRequest): boolean {
	return request.thinking?.type === "adaptive" || request.thinking?.type === "enabled";
}

/** The smallest thinking budget that the Messages API accepts. */
const MIN_BUDGET_TOKENS = 1024;

/**
 * A thinking budget in tokens that is below the limit of the whole reply: the requested one, or else three quarters of
 * the limit, so that the answer fits too. Undefined if that is less than the minimum.
 */
export function budgetWithin(wanted: number, request: MessageRequest): number | undefined {
	const limit = request.max_tokens ?? 32_000;
	if (wanted < limit) return wanted;
	const budget = Math.floor((limit * 3) / 4);
	return budget >= MIN_BUDGET_TOKENS ? budget : undefined;
}

/** Sets a value at a dotted path and creates the objects on the way. */
function setPath(target: Record<string, unknown>, path: string, value: unknown): void {
	const names = path.split(".");
	const last = names.pop();
	if (last === undefined) return;
	let node = target;
	for (const name of names) {
		const inner = node[name];
		const next: Record<string, unknown> = isObject(inner) ? inner : {};
		node[name] = next;
		node = next;
	}
	node[last] = value;
}

/** The provider's body fields for thinking: on or off, its budget and its effort. */
export function thinkingFields(request: MessageRequest, target: Target, note: Note): Record<string, unknown> {
	const { quirks } = target;
	if (target.thinking === "none") return {};
	const effort = request.output_config?.effort;
	if (!wantsThinking(request)) {
		const where = "request.thinking";
		if (target.thinking === "always") {
			note({ kind: "thinking-always-on", where, seen: "no thinking requested", done: "this model always thinks" });
			return {};
		}
		// DeepSeek answers 400 to an effort while thinking is disabled.
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
