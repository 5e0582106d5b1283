import { asObject, type JsonObject } from "../../platform/json.ts";
import type { Usage } from "../../protocol/messages.ts";
import { tokenCount } from "../token-count.ts";

/**
 * Usage in Anthropic's terms, from any vendor's form; undefined when it holds no count. `prompt_tokens` includes what
 * was read from the cache, `input_tokens` does not.
 *
 * Cached tokens: OpenAI `prompt_tokens_details.cached_tokens`, DeepSeek `prompt_cache_hit_tokens`, Moonshot
 * `cached_tokens`, Gemini behind gateways `cachedContentTokenCount`, OpenRouter also `cache_write_tokens`.
 */
export function readUsage(usage: unknown): Usage | undefined {
	const counters = asObject(usage);
	const details = asObject(counters["prompt_tokens_details"]);
	const prompt = count(counters, "prompt_tokens", "input_tokens", "promptTokenCount");
	const completion = count(counters, "completion_tokens", "output_tokens", "candidatesTokenCount");
	if (!prompt && !completion) return undefined;
	const read =
		count(details, "cached_tokens") ??
		count(counters, "prompt_cache_hit_tokens", "cached_tokens", "cachedContentTokenCount", "cache_read_input_tokens");
	const written = count(details, "cache_write_tokens") ?? count(counters, "cache_creation_input_tokens");
	const result: Usage = {
		input_tokens: Math.max(0, (prompt ?? 0) - (read ?? 0) - (written ?? 0)),
		output_tokens: (completion ?? 0) + reasoningOutside(counters, prompt ?? 0, completion ?? 0),
	};
	if (read !== undefined) result.cache_read_input_tokens = read;
	if (written !== undefined) result.cache_creation_input_tokens = written;
	return result;
}

/** Reasoning tokens that `completion_tokens` does not include, which the total shows (xAI, Gemini behind gateways). */
function reasoningOutside(counters: JsonObject, prompt: number, completion: number): number {
	const details = asObject(counters["completion_tokens_details"]);
	const reasoning =
		count(details, "reasoning_tokens") ?? count(counters, "reasoning_tokens", "thoughtsTokenCount") ?? 0;
	const total = count(counters, "total_tokens", "totalTokenCount");
	return reasoning > 0 && total === prompt + completion + reasoning ? reasoning : 0;
}

function count(counters: JsonObject, ...names: string[]): number | undefined {
	for (const name of names) {
		const number = tokenCount(counters[name]);
		if (number !== undefined) return number;
	}
	return undefined;
}
