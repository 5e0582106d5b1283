/** The rate after a refusal, as a share of what the provider accepted. */
const CUT = 0.9;
/** It is back at what the provider accepted after this time, and grows faster and faster after it (as TCP CUBIC does). */
const PLATEAU_MS = 8000;
/** Without a refusal for this time there is no limit to keep. */
const FORGET_MS = 60_000;

/** The accepted rate is measured over this time, or over the last few replies where that is longer. */
const WINDOW_MS = 10_000;
const MIN_REPLIES = 3;
const MAX_REPLIES = 1000;

const MIN_RATE_PER_MS = 0.2 / 1000;

/**
 * Finds the rate that a provider accepts, where it refuses some of the requests (429) and accepts others: requests then
 * wait for their turn and do not meet refusals.
 */
export class Pacing {
	/** When the last replies began, oldest first. */
	readonly #replies: number[] = [];
	/** The rate that the provider accepted, in requests per millisecond; undefined: no limit is known. */
	#acceptedRate: number | undefined;
	#refusedAt = Number.NEGATIVE_INFINITY;
	#nextAt = Number.NEGATIVE_INFINITY;

	/** When the next request may be sent. */
	readyAt(now: number): number {
		return this.#rate(now) === undefined ? now : this.#nextAt;
	}

	sent(now: number): void {
		const rate = this.#rate(now);
		if (rate !== undefined) this.#nextAt = Math.max(now, this.#nextAt) + 1 / rate;
	}

	/** A request was not refused for its rate. */
	accepted(now: number): void {
		this.#replies.push(now);
		if (this.#replies.length > MAX_REPLIES) this.#replies.shift();
	}

	/**
	 * A request that was sent at `sentAt` was refused. False where the provider accepts nothing else either: slower
	 * requests would not help.
	 */
	refused(sentAt: number, now: number): boolean {
		if (this.#acceptedRate !== undefined && sentAt < this.#refusedAt) return true;
		const last = this.#replies.at(-1);
		const isFirst = this.#rate(now) === undefined;
		if (last === undefined || last < (isFirst ? now - WINDOW_MS : this.#refusedAt)) return false;
		const measured = this.#measured(now);
		if (measured === undefined) return false;
		this.#acceptedRate = Math.max(MIN_RATE_PER_MS, Math.min(measured, this.#rate(now) ?? measured));
		this.#refusedAt = now;
		this.#nextAt = now + 1 / (CUT * this.#acceptedRate);
		return true;
	}

	#measured(now: number): number | undefined {
		const recent = this.#replies.findIndex((at) => at > now - WINDOW_MS);
		const first = Math.min(recent < 0 ? this.#replies.length : recent, this.#replies.length - MIN_REPLIES);
		const from = this.#replies[first];
		if (from === undefined) return undefined;
		return (this.#replies.length - first) / Math.max(2000, now - from);
	}

	#rate(now: number): number | undefined {
		const since = now - this.#refusedAt;
		if (this.#acceptedRate === undefined || since > FORGET_MS) return undefined;
		return this.#acceptedRate * (1 + (1 - CUT) * ((since - PLATEAU_MS) / PLATEAU_MS) ** 3);
	}
}
