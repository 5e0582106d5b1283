import type { Target } from "../../profile/model/target.ts";
import { CHARS_PER_TOKEN } from "../../protocol/count-tokens.ts";
import { deltaText, type MessageEvent } from "../../protocol/events.ts";
import type { Usage } from "../../protocol/messages.ts";
import { inputTokens } from "../../trace/record/cost.ts";
import type { Exchange } from "../exchange.ts";

/** Counts one reply within the user's budget, and prepares a warning for the next turn. */
export function countReply(usage: Partial<Usage> | undefined, target: Target, exchange: Exchange): void {
	const { booking, proxy, note } = exchange;
	for (const divergence of booking?.count(usage, target) ?? []) {
		note(divergence);
		if (divergence.kind === "budget-warning") proxy.announcements.announce(`${divergence.seen}; ${divergence.done}`);
	}
}

/**
 * What is known of a reply that Claude Code does not get whole: it broke off, was discarded by a repair, or the user stopped it.
 * Providers bill such a reply with its prompt, and most of them count only at the end.
 */
export class PartialReply {
	#usage: Partial<Usage> = {};
	#chars = 0;

	/** Adds an event of the provider's reply, before any repair. */
	add(event: MessageEvent): void {
		if (event.type === "message_start") this.#usage = event.message.usage;
		else if (event.type === "message_delta") this.#usage = { ...this.#usage, ...event.usage };
		else if (event.type === "content_block_delta") this.#chars += deltaText(event.delta)?.length ?? 0;
	}

	/** Its tokens: the provider's counts, or estimates; undefined before the reply has begun. */
	usage(requestChars: number): Partial<Usage> | undefined {
		const counted = inputTokens(this.#usage);
		if (counted === 0 && this.#chars === 0) return undefined;
		return {
			...this.#usage,
			...(counted === 0 && { input_tokens: Math.ceil(requestChars / CHARS_PER_TOKEN) }),
			output_tokens: Math.max(this.#usage.output_tokens ?? 0, Math.ceil(this.#chars / CHARS_PER_TOKEN)),
		};
	}
}
