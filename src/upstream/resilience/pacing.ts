/** The rate after a cut, as a share of what the provider accepted. */
const CUT = 0.9;
/**
 * It is back at what the provider accepted after this time, or so many requests, and grows faster and faster after it (as
 * TCP CUBIC does).
 */
const PLATEAU_MS = 8000;
const PLATEAU_REQUESTS = 8;
/** Without a cut for so many times as long there is no limit to keep. */
const FORGET_PLATEAUS = 8;

/** The accepted rate is measured over this time, or over the last few replies where that is longer. */
const WINDOW_MS = 10_000;
const MIN_REPLIES = 3;
const MAX_REPLIES = 1000;

const MIN_RATE_PER_MS = 0.2 / 1000;

/** A smaller share of refusals costs less than slower requests would; a larger one, where the provider names a wait. */
const MIN_REFUSED_SHARE = 0.2;
const MIN_WAITING_SHARE = 0.5;
/** Outcomes over which the share is measured, and the longer memory of the share that slower requests do not avoid. */
const SHARE_MEMORY = 20;
const USUAL_MEMORY = 60;

/**
 * Finds the rate that a provider accepts, where it refuses some of the requests (429) and accepts others: requests then
 * wait for their turn and do not meet refusals. A provider that refuses as many of slower requests has no capacity to
 * share, whatever our rate: slower requests would not help.
 */
export class Pacing {
	/** When the last replies began, oldest first. */
	readonly #replies: number[] = [];
	/** The rate that the provider accepted, in requests per millisecond; undefined: no limit is known. */
	#acceptedRate: number | undefined;
	#cutAt = Number.NEGATIVE_INFINITY;
	#refusedAt = Number.NEGATIVE_INFINITY;
	#nextAt = Number.NEGATIVE_INFINITY;
	/** Share of refusals among the last outcomes since the last cut. */
	#refusedShare = 0;
	#outcomes = 0;
	/** The same, while requests are sent at less than the accepted rate. It begins as if a few had been accepted. */
	#usualShare = 0;
	#slowOutcomes = 20;

	/** When the next request may be sent. */
	readyAt(now: number): number {
		return this.#rate(now) === undefined ? now : this.#nextAt;
	}

	sent(now: number): void {
		const rate = this.#rate(now);
		if (rate !== undefined) this.#nextAt = Math.max(now, this.#nextAt) + 1 / rate;
	}

	/** It has accepted requests lately. */
	isAccepting(now: number): boolean {
		const last = this.#replies.at(-1);
		return last !== undefined && last > now - WINDOW_MS;
	}

	/** A request was not refused for its rate. */
	accepted(now: number): void {
		this.#replies.push(now);
		if (this.#replies.length > MAX_REPLIES) this.#replies.shift();
		this.#count(0, now);
	}

	/**
	 * A request that was sent at `sentAt` was refused. `isWaiting`: until the time that the provider named. False where the
	 * provider accepts nothing else either: slower requests would not help.
	 */
	refused(sentAt: number, now: number, isWaiting: boolean): boolean {
		if (this.#acceptedRate !== undefined && sentAt < this.#cutAt) return true;
		this.#count(1, now);
		const isOneOfMany = this.isAccepting(now) && (this.#replies.at(-1) ?? now) >= this.#refusedAt;
		this.#refusedAt = now;
		if (!isOneOfMany) return false;
		const least = isWaiting ? MIN_WAITING_SHARE : MIN_REFUSED_SHARE;
		if (this.#refusedShare > Math.max(least, 2 * this.#usualShare)) this.#cut(now);
		return true;
	}

	#count(refused: 0 | 1, now: number): void {
		this.#outcomes = Math.min(SHARE_MEMORY, this.#outcomes + 1);
		this.#refusedShare += (refused - this.#refusedShare) / this.#outcomes;
		if (now >= this.#cutAt + this.#plateauMs) return;
		this.#slowOutcomes = Math.min(USUAL_MEMORY, this.#slowOutcomes + 1);
		this.#usualShare += (refused - this.#usualShare) / this.#slowOutcomes;
	}

	#cut(now: number): void {
		const measured = this.#measured(now);
		if (measured === undefined) return;
		this.#acceptedRate = Math.max(MIN_RATE_PER_MS, Math.min(measured, this.#rate(now) ?? measured));
		this.#cutAt = now;
		this.#nextAt = now + 1 / (CUT * this.#acceptedRate);
		this.#refusedShare = 0;
	}

	#measured(now: number): number | undefined {
		const recent = this.#replies.findIndex((at) => at > now - WINDOW_MS);
		const first = Math.min(recent < 0 ? this.#replies.length : recent, this.#replies.length - MIN_REPLIES);
		const from = this.#replies[first];
		if (from === undefined) return undefined;
		return (this.#replies.length - first) / Math.max(2000, now - from);
	}

	get #plateauMs(): number {
		return Math.max(PLATEAU_MS, PLATEAU_REQUESTS / (this.#acceptedRate ?? 1));
	}

	#rate(now: number): number | undefined {
		const since = now - this.#cutAt;
		if (this.#acceptedRate === undefined || since > FORGET_PLATEAUS * this.#plateauMs) return undefined;
		return this.#acceptedRate * (1 + (1 - CUT) * (since / this.#plateauMs - 1) ** 3);
	}
}
