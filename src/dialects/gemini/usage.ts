import type { Usage } from "../../protocol/messages.ts";

type Counters = { [field: string]: unknown };

/**
 * `usageMetadata` in Anthropic's terms; undefined when it holds no count. `promptTokenCount` includes what was read
 * from the cache but not the results of Google's own tools; `candidatesTokenCount` leaves the thoughts out.
 */
export function readUsage(usage: unknown): Usage | undefined {
	if (typeof usage !== "object" || usage === null) return undefined;
	const counters = usage as Counters;
	const prompt = count(counters["promptTokenCount"]) + count(counters["toolUsePromptTokenCount"]);
	const output = count(counters["candidatesTokenCount"]) + count(counters["thoughtsTokenCount"]);
	if (prompt === 0 && output === 0) return undefined;
	const read = count(counters["cachedContentTokenCount"]);
	const result: Usage = { input_tokens: Math.max(0, prompt - read), output_tokens: output };
	if (counters["cachedContentTokenCount"] !== undefined) result.cache_read_input_tokens = read;
	return result;
}

function count(value: unknown): number {
	return typeof value === "number" && Number.isFinite(value) ? value : 0;
}
