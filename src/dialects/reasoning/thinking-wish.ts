import type { Quirks } from "../../profile/model/quirks.ts";
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
