/** `x-ratelimit-limit-requests`, `anthropic-ratelimit-tokens-remaining`: a limit, or what is left of it. */
const LIMIT = /^(?:x-|anthropic-)?ratelimit-((?:[a-z-]+-)?(?:limit|remaining)(?:-[a-z-]+)?)$/;

/** The rate limits that a reply states in its headers, as far as they are plain numbers; undefined where it states none. */
export function statedLimits(headers: Readonly<Record<string, string>>): Record<string, number> | undefined {
	let stated: Record<string, number> | undefined;
	for (const name in headers) {
		const limit = name.includes("ratelimit-") ? LIMIT.exec(name)?.[1] : undefined;
		const value = headers[name] ?? "";
		if (limit !== undefined && /^\d+$/.test(value)) stated = { ...stated, [limit]: Number(value) };
	}
	return stated;
}
