import type { MessageRequest } from "../protocol/messages.ts";

/** Requests that are remembered; the oldest is forgotten first. */
const MAX_REQUESTS = 20;

/**
 * Counts the empty turns that each request got. Claude Code sends a request with an empty reply again, up to ten times,
 * so an equal last message at the same place means the same request.
 */
export class EmptyTurns {
	readonly #counts = new Map<string, number>();

	/** How many empty turns this request has got. */
	countOf(request: MessageRequest): number {
		// Almost always there are none, and the key takes time for a long message.
		return this.#counts.size === 0 ? 0 : (this.#counts.get(keyOf(request)) ?? 0);
	}

	/** Records that this request got an empty turn. */
	add(request: MessageRequest): void {
		const key = keyOf(request);
		const count = (this.#counts.get(key) ?? 0) + 1;
		this.#counts.delete(key);
		this.#counts.set(key, count);
		const oldest = this.#counts.keys().next().value;
		if (this.#counts.size > MAX_REQUESTS && oldest !== undefined) this.#counts.delete(oldest);
	}
}

function keyOf({ messages }: MessageRequest): string {
	return `${messages.length} ${JSON.stringify(messages.at(-1))}`;
}
