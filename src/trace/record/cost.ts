import { dollars, percent, tokens } from "../../platform/figures.ts";
import type { Price } from "../../profile/model/target.ts";
import type { Usage } from "../../protocol/messages.ts";

const MILLION = 1_000_000;

/** Cost of one reply in US dollars; undefined when a price that it needs is unknown, or when nothing was counted. */
export function costOf(usage: Partial<Usage> | undefined, price: Price | undefined): number | undefined {
	if (!usage || !price || !isCounted(usage)) return undefined;
	const prompt = inputTokens(usage);
	const { input, output, cacheRead, cacheWrite } = price.above?.findLast((step) => prompt > step.tokens) ?? price;
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

/** Whether a reply has token counts. Zeros are what a message begins with. */
function isCounted(usage: Partial<Usage> | undefined): usage is Partial<Usage> {
	return inputTokens(usage) > 0 || (usage?.output_tokens ?? 0) > 0;
}

/** Figures of one reply as texts: `3.4k`, `~3.4k` where cc-any estimated it, `?` if nobody counted. */
export function usageTexts({ usage, cost }: { usage?: Partial<Usage>; cost?: number }) {
	if (!isCounted(usage)) return { input: UNKNOWN, cached: UNKNOWN, output: UNKNOWN, cost: UNKNOWN };
	const about = usage["estimated"] ? "~" : "";
	const { cache_read_input_tokens: cached, output_tokens: output } = usage;
	return {
		input: `${about}${tokens(inputTokens(usage))}`,
		cached: typeof cached === "number" ? percent(cached, inputTokens(usage)) : UNKNOWN,
		output: output === undefined ? UNKNOWN : `${about}${tokens(output)}`,
		cost: cost === undefined ? UNKNOWN : `${about}${dollars(cost)}`,
	};
}

const UNKNOWN = "?";
