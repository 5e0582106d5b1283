import type { Usage } from "../../protocol/messages.ts";

type Counters = { [field: string]: unknown };

/**
 * Usage in Anthropic's terms; undefined when it holds no count. `input_tokens` of Responses includes what was read from
 * the cache, Anthropic's does not; `output_tokens` holds the reasoning in both.
 */
export function readUsage(usage: unknown): Usage | undefined {
	if (typeof usage !== "object" || usage === null) return undefined;
	const counters = usage as Counters;
	const input = count(counters["input_tokens"]);
	const output = count(counters["output_tokens"]);
	if (!input && !output) return undefined;
	const details = (counters["input_tokens_details"] ?? {}) as Counters;
	const read = count(details["cached_tokens"]);
	const written = count(details["cache_write_tokens"]);
	const result: Usage = {
		input_tokens: Math.max(0, (input ?? 0) - (read ?? 0) - (written ?? 0)),
		output_tokens: output ?? 0,
	};
	if (read !== undefined) result.cache_read_input_tokens = read;
	if (written !== undefined) result.cache_creation_input_tokens = written;
	return result;
}

function count(value: unknown): number | undefined {
	return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
