/** `x-ratelimit-limit-requests`, `anthropic-ratelimit-tokens-remaining`: a limit, or what is left of it. */
const LIMIT = /^(?:x-|anthropic-)?ratelimit-((?:[a-z-]+-)?(?:limit|remaining)(?:-[a-z-]+)?)$/;

/** The rate limits that a reply states in its headers, as far as they are plain numbers; undefined where it states none. */
export function statedLimits(headers: Readonly<Record<string, string>>): Record<string, number> | undefined {
	const stated = Object.entries(headers).flatMap(([name, value]): [string, number][] => {
		const [, limit] = LIMIT.exec(name) ?? [];
		return limit !== undefined && /^\d+$/.test(value) ? [[limit, Number(value)]] : [];
	});
	return stated.length === 0 ? undefined : Object.fromEntries(stated);
}
