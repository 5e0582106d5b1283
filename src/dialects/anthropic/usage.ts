import { asObject, isObject, type JsonObject } from "../../platform/json.ts";
import type { Usage } from "../../protocol/messages.ts";
import { readUsage } from "../openai-chat/usage.ts";
import { tokenCount } from "../token-count.ts";

/** Usage of message_start with the two counters that every client reads. The same object when both are there. */
export function startUsage(usage: unknown): Usage {
	if (isUsage(usage)) return usage;
	return { input_tokens: 0, output_tokens: 0, ...counted(usage) };
}

/**
 * Usage of message_delta. The same object when it is correct. The official SDK reads `output_tokens` without a check. A
 * zero must not replace the count of message_start: Claude Code decides by these counts when to compact.
 */
export function deltaUsage(usage: unknown, start: Usage): Partial<Usage> {
	if (isObject(usage) && usage["input_tokens"] === 0 && start.input_tokens > 0) {
		const { input_tokens: _zero, ...rest } = usage;
		return deltaUsage(rest, start);
	}
	return hasOutputTokens(usage) ? usage : { output_tokens: start.output_tokens, ...counted(usage) };
}

/** The counters that have a value, under Anthropic's names: OpenAI's are translated, texts are read as numbers. */
function counted(usage: unknown): JsonObject {
	const fields = asObject(usage);
	if ("prompt_tokens" in fields || "completion_tokens" in fields) return { ...readUsage(fields) };
	const read = Object.entries(fields).map(([name, value]) => [name, isCounter(name) ? tokenCount(value) : value]);
	return Object.fromEntries(read.filter(([, value]) => value !== null && value !== undefined));
}

function isCounter(name: string): boolean {
	return name.endsWith("_tokens");
}

/** No counter holds what cannot be a count. Null says that there is none. */
function isCounted(usage: JsonObject): boolean {
	const counters = Object.entries(usage).filter(([name, value]) => isCounter(name) && value !== null);
	return counters.every(([, value]) => typeof value === "number" && tokenCount(value) !== undefined);
}

function isUsage(usage: unknown): usage is Usage {
	return hasOutputTokens(usage) && typeof usage.input_tokens === "number";
}

function hasOutputTokens(usage: unknown): usage is Partial<Usage> {
	return isObject(usage) && typeof usage["output_tokens"] === "number" && isCounted(usage);
}
