import type { MessageRequest } from "../anthropic/messages.ts";
import type { Quirks } from "../profile/quirks.ts";

/** Whether the caller wants thinking. An absent field means that it wants none (measured: subagents, WebFetch, titles). */
export function wantsThinking(request: MessageRequest): boolean {
	return request.thinking?.type === "adaptive" || request.thinking?.type === "enabled";
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
