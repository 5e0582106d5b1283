import type { Usage } from "../../protocol/messages.ts";

/** Usage of message_start with the two counters that every client reads; the same object when they are there. */
export function startUsage(usage: unknown): Usage {
	if (isCounters(usage) && isCount(usage["input_tokens"]) && isCount(usage["output_tokens"])) return usage as Usage;
	return { input_tokens: 0, output_tokens: 0, ...(isCounters(usage) ? counted(usage) : {}) };
}

/**
 * Usage of message_delta; the same object when it is right. The official SDK reads `output_tokens` without asking
 * whether it is there. A zero must not undo a count that message_start had: Claude Code compacts by these counts.
 */
export function deltaUsage(usage: unknown, start: Usage): Partial<Usage> {
	if (isCounters(usage) && usage["input_tokens"] === 0 && start.input_tokens > 0) {
		const { input_tokens: _zero, ...rest } = usage;
		return deltaUsage(rest, start);
	}
	if (isCounters(usage) && isCount(usage["output_tokens"])) return usage as Partial<Usage>;
	return { output_tokens: start.output_tokens, ...(isCounters(usage) ? counted(usage) : {}) };
}

function counted(usage: { [field: string]: unknown }): { [field: string]: unknown } {
	return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null));
}

function isCounters(value: unknown): value is { [field: string]: unknown } {
	return typeof value === "object" && value !== null;
}

function isCount(value: unknown): value is number {
	return typeof value === "number";
}
