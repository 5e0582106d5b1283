import { asObject, isObject, type JsonObject } from "../platform/json.ts";

/** More than any reply or prompt has: a larger number is a mistake. */
const MAX_TOKENS = 1e9;

/**
 * A count of tokens; undefined for what cannot be one: negative, fractional, too large, or no number. Some gateways send
 * counts as texts.
 */
export function tokenCount(value: unknown): number | undefined {
	const number = typeof value === "string" && /^\d{1,10}$/.test(value) ? Number(value) : value;
	return typeof number === "number" && Number.isInteger(number) && number >= 0 && number <= MAX_TOKENS
		? number
		: undefined;
}

/**
 * What cannot be true of counts as a provider sent them, in any of the wire formats: no count at all, more cached tokens
 * than the prompt has, or a total that is smaller than a part of it.
 */
export function usageFaults(usage: unknown): string[] {
	const counts = countsOf(asObject(usage));
	const faults = counts.flatMap(([name, value]) =>
		tokenCount(value) === undefined ? `${name} is ${JSON.stringify(value)}` : [],
	);
	const largest = (...names: string[]) =>
		Math.max(0, ...counts.flatMap(([name, value]) => (names.includes(name) ? (tokenCount(value) ?? 0) : [])));
	// Anthropic's own input_tokens do not include the cached ones.
	const prompt = largest("prompt_tokens", "promptTokenCount");
	const cached = largest("cached_tokens", "prompt_cache_hit_tokens", "cachedContentTokenCount");
	if (prompt > 0 && cached > prompt) faults.push(`${cached} cached tokens of a prompt of ${prompt}`);
	const total = largest("total_tokens", "totalTokenCount");
	const completion = largest("completion_tokens", "candidatesTokenCount");
	if (total > 0 && total < Math.max(prompt, completion)) {
		faults.push(`${total} tokens in total, ${prompt} in and ${completion} out`);
	}
	return faults;
}

/** Fields that count tokens, at any depth. Null says that there is no count. */
function countsOf(usage: JsonObject): [name: string, value: unknown][] {
	return Object.entries(usage).flatMap(([name, value]): [string, unknown][] => {
		if (isObject(value)) return countsOf(value);
		return /(_tokens|TokenCount)$/.test(name) && value !== null ? [[name, value]] : [];
	});
}
