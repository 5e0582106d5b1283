import { asObject } from "../../platform/json.ts";
import type { Usage } from "../../protocol/messages.ts";
import { tokenCount } from "../token-count.ts";

/**
 * `usageMetadata` in Anthropic's terms; undefined when it holds no count. `promptTokenCount` includes the tokens that were
 * read from the cache, but not the results of Google's own tools; `candidatesTokenCount` does not include the thoughts.
 */
export function readUsage(usage: unknown): Usage | undefined {
	const counters = asObject(usage);
	const prompt = count(counters["promptTokenCount"]) + count(counters["toolUsePromptTokenCount"]);
	const output = count(counters["candidatesTokenCount"]) + count(counters["thoughtsTokenCount"]);
	if (prompt === 0 && output === 0) return undefined;
	const read = tokenCount(counters["cachedContentTokenCount"]);
	const result: Usage = { input_tokens: Math.max(0, prompt - (read ?? 0)), output_tokens: output };
	if (read !== undefined) result.cache_read_input_tokens = read;
	return result;
}

function count(value: unknown): number {
	return tokenCount(value) ?? 0;
}
