import type { Price } from "../../profile/model/target.ts";
import type { Usage } from "../../protocol/messages.ts";

const MILLION = 1_000_000;

/** Cost of one reply in US dollars; undefined when a price that it needs is unknown. */
export function costOf(usage: Partial<Usage> | undefined, price: Price | undefined): number | undefined {
	if (!usage || !price) return undefined;
	const tokens = inputTokens(usage);
	const { input, output, cacheRead, cacheWrite } = price.above?.findLast((step) => tokens > step.tokens) ?? price;
	const parts: readonly [tokens: number | undefined, price: number | undefined][] = [
		[usage.input_tokens, input],
		[usage.output_tokens, output],
		[usage.cache_read_input_tokens, cacheRead],
		[usage.cache_creation_input_tokens, cacheWrite],
	];
	let cost = 0;
	for (const [tokens, perMillion] of parts) {
		if (!tokens) continue;
		if (perMillion === undefined) return undefined;
		cost += (tokens * perMillion) / MILLION;
	}
	return cost;
}

/** Input tokens of a reply, cached or not. */
export function inputTokens(usage: Partial<Usage> | undefined): number {
	return (usage?.input_tokens ?? 0) + (usage?.cache_read_input_tokens ?? 0) + (usage?.cache_creation_input_tokens ?? 0);
}
