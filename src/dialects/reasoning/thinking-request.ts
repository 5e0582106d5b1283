import type { Quirks } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
import type { MessageRequest } from "../../protocol/messages.ts";

/** Whether the caller wants thinking. An absent field means that it wants none (measured: subagents, WebFetch, titles). */
export function wantsThinking(request: MessageRequest): boolean {
	return request.thinking?.type === "adaptive" || request.thinking?.type === "enabled";
}

/** Least budget of the Messages API, in tokens. */
const LEAST_BUDGET = 1024;

/**
 * A thinking budget that leaves room for the answer under the limit of the whole reply: where it has to give, three
 * quarters of it. Undefined where that is too little to think with. All in tokens.
 */
export function budgetWithin(wanted: number, request: MessageRequest): number | undefined {
	const limit = request.max_tokens ?? 32_000;
	if (wanted < limit) return wanted;
	const budget = Math.floor((limit * 3) / 4);
	return budget >= LEAST_BUDGET ? budget : undefined;
}

/** How far `tool_choice` is understood in this request: thinking models often take less of it. */
export function toolChoiceSupport(request: MessageRequest, quirks: Quirks): Quirks["toolChoice"] {
	return (wantsThinking(request) ? quirks.toolChoiceWhileThinking : undefined) ?? quirks.toolChoice;
}

/** Writes a value at a dotted path, making the objects on the way. */
export function setPath(target: Record<string, unknown>, path: string, value: unknown): void {
	const names = path.split(".");
	const last = names.pop();
	if (last === undefined) return;
	let node = target;
	for (const name of names) {
		if (typeof node[name] !== "object" || node[name] === null) node[name] = {};
		node = node[name] as Record<string, unknown>;
	}
	node[last] = value;
}

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
