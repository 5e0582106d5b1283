import { type Destination, type Model, targetOf } from "./profile.ts";
import type { Price } from "./target.ts";

/** `1M context · $0.3 in, $1.2 out per Mtok`, without what is unknown; "" if nothing is known. */
export function describeModel({ contextWindow, price }: Pick<Model, "contextWindow" | "price">): string {
	const parts = [contextWindow !== undefined && `${roundedTokens(contextWindow)} context`, priceText(price)];
	return parts.filter(Boolean).join(" · ");
}

/** `$0.3 in, $1.2 out per Mtok`; "" if neither price is known. */
export function priceText(price: Price | undefined): string {
	const { input, output } = price ?? {};
	const parts = [input !== undefined && `$${input} in`, output !== undefined && `$${output} out`].filter(Boolean);
	return parts.length > 0 ? `${parts.join(", ")} per Mtok` : "";
}

/** `262k`, `1M`: a context window as vendors write it. */
export function roundedTokens(count: number): string {
	if (count < 1000) return String(count);
	return count < 1_000_000 ? `${Math.floor(count / 1000)}k` : `${Math.round(count / 100_000) / 10}M`;
}

/** Where images go that a model cannot see. */
export function describeVision({ profile, model }: Destination): string {
	const { baseUrl, dialect, key } = targetOf(profile, model);
	const state = key === undefined ? "without a key" : "with its key";
	return `images that a model cannot see are sent to ${profile.name}/${model} at ${baseUrl} (${dialect}), ${state}`;
}
