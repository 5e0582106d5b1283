import { asObject } from "../../platform/json.ts";
import type { Usage } from "../../protocol/messages.ts";
import { tokenCount } from "../token-count.ts";

/**
 * Usage in Anthropic's terms; undefined when it holds no count. Here `input_tokens` includes the tokens that were read
 * from the cache, Anthropic's does not. `output_tokens` includes the reasoning in both.
 */
export function readUsage(usage: unknown): Usage | undefined {
	const counters = asObject(usage);
	const input = tokenCount(counters["input_tokens"]);
	const output = tokenCount(counters["output_tokens"]);
	if (!input && !output) return undefined;
	const details = asObject(counters["input_tokens_details"]);
	const read = tokenCount(details["cached_tokens"]);
	const written = tokenCount(details["cache_write_tokens"]);
	const result: Usage = {
		input_tokens: Math.max(0, (input ?? 0) - (read ?? 0) - (written ?? 0)),
		output_tokens: output ?? 0,
	};
	if (read !== undefined) result.cache_read_input_tokens = read;
	if (written !== undefined) result.cache_creation_input_tokens = written;
	return result;
}
