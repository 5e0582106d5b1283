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
