import { createHash } from "node:crypto";
import type { MessageRequest } from "../protocol/messages.ts";

/** Requests that are remembered; the oldest is forgotten first. */
const MAX_REQUESTS = 100;

/**
 * Counts the empty turns that each request got. Claude Code sends a request with an empty reply again, up to ten times,
 * so the same last message means the same request.
 */
export class EmptyTurns {
	readonly #counts = new Map<string, number>();

	/** Records one more empty turn; returns how many the request has got by now. */
	count({ messages }: MessageRequest): number {
		const last = JSON.stringify(messages.at(-1) ?? null);
		const key = `${messages.length} ${createHash("sha256").update(last).digest("base64")}`;
		const count = (this.#counts.get(key) ?? 0) + 1;
		this.#counts.delete(key);
		this.#counts.set(key, count);
		const oldest = this.#counts.keys().next().value;
		if (this.#counts.size > MAX_REQUESTS && oldest !== undefined) this.#counts.delete(oldest);
		return count;
	}
}
