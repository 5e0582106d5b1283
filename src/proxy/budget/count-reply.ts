import type { Target } from "../../profile/model/target.ts";
import { CHARS_PER_TOKEN } from "../../protocol/count-tokens.ts";
import { deltaText, type MessageEvent } from "../../protocol/events.ts";
import type { Usage } from "../../protocol/messages.ts";
import { inputTokens } from "../../trace/record/cost.ts";
import type { Exchange } from "../exchange.ts";

/**
 * Counts one reply within the user's budget, and prepares a warning for the next turn. `partial`: a reply that Claude Code
 * does not get whole.
 */
export function countReply(partial: PartialReply | undefined, target: Target, exchange: Exchange): void {
	const { booking, proxy, note, record } = exchange;
	if (!booking) return;
	const usage = partial ? partial.usage(exchange.requestChars) : record.usage;
	if (partial && usage?.["estimated"]) {
		const tokens = inputTokens(usage) + (usage.output_tokens ?? 0);
		const seen = "a reply that did not arrive whole, without all counts of the provider";
		note({ kind: "budget-estimated", where: "session", seen, done: `counted as about ${tokens} tokens` });
	}
	for (const divergence of booking.count(usage, target)) {
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

	/** Its tokens: the provider's counts, or estimates (`estimated`); undefined before the reply has begun. */
	usage(requestChars: number): Partial<Usage> | undefined {
		const counted = inputTokens(this.#usage);
		if (counted === 0 && this.#chars === 0) return undefined;
		const { output_tokens: reported = 0 } = this.#usage;
		const written = Math.ceil(this.#chars / CHARS_PER_TOKEN);
		return {
			...this.#usage,
			...(counted === 0 && { input_tokens: Math.ceil(requestChars / CHARS_PER_TOKEN) }),
			output_tokens: Math.max(reported, written),
			...((counted === 0 || written > reported) && { estimated: true }),
		};
	}
}
