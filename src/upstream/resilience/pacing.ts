/** The rate after a cut, as a share of what the provider accepted. */
const CUT = 0.9;
/**
 * It is back at what the provider accepted after this time, or this number of requests, and then grows ever faster (as
 * TCP CUBIC does).
 */
const PLATEAU_MS = 8000;
const PLATEAU_REQUESTS = 8;
/** Without a cut for this multiple of the time, there is no limit to keep. */
const FORGET_PLATEAUS = 8;

/** The accepted rate is measured over this time, or over the last few replies if that is longer. */
const WINDOW_MS = 10_000;
const MIN_WINDOW_MS = 2000;
const MIN_REPLIES = 3;
const MAX_REPLIES = 1000;
const MIN_RATE_PER_MS = 0.2 / 1000;
/** After this time without a refusal the next one begins a new shortage. */
const QUIET_MS = 5000;

/** A smaller share of refusals costs less than slower requests would; a larger one, if the provider names a wait. */
const MIN_REFUSED_SHARE = 0.2;
const MIN_WAITING_SHARE = 0.5;
/** A share above this is too much, however usual. */
const MAX_USUAL_SHARE = 0.6;
/** Outcomes over which the share is measured. */
const SHARE_MEMORY = 20;
/** After this number of slower requests it is known whether they are refused less. */
const MIN_SLOWER = 8;

/**
 * Finds the rate that a provider accepts, if it refuses some of the requests (429) and accepts others: requests then
 * wait for their turn and do not meet refusals. A provider that refuses as many of slower requests has no capacity,
 * whatever our rate: they are not slowed down then.
 */
export class Pacing {
	/** When the last replies began, oldest first. */
	readonly #replies: number[] = [];
	/** The rate that the provider accepted, in requests per millisecond; undefined: no limit is known. */
	#acceptedRate: number | undefined;
	#cutAt = Number.NEGATIVE_INFINITY;
	#refusedAt = Number.NEGATIVE_INFINITY;
	#shortageSince = Number.NEGATIVE_INFINITY;
	#nextAt = Number.NEGATIVE_INFINITY;
	/** Share of refusals among the last outcomes since the last cut, and what it was at that cut. */
	#refusedShare = 0;
	#outcomes = 0;
	#shareAtCut = 0;
	/** Outcomes of the requests that were sent at less than the accepted rate after the last cut. */
	#slower = { count: 0, refused: 0 };
	/** Share of refusals that slower requests do not avoid. */
	#usualShare = 0;

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
	 * A request that was sent at `sentAt` was refused. `isWaiting`: until the time that the provider named. False if the
	 * provider accepts nothing else either: slower requests would not help.
	 */
	refused(sentAt: number, now: number, isWaiting: boolean): boolean {
		if (this.#acceptedRate !== undefined && sentAt < this.#cutAt) return true;
		this.#count(1, now);
		const isOneOfMany = this.isAccepting(now) && (this.#replies.at(-1) ?? now) >= this.#refusedAt;
		if (now > this.#refusedAt + QUIET_MS) this.#shortageSince = now;
		this.#refusedAt = now;
		if (!isOneOfMany) return false;
		const usual = Math.min(MAX_USUAL_SHARE, 2 * this.#usualShare);
		if (this.#refusedShare > Math.max(usual, isWaiting ? MIN_WAITING_SHARE : MIN_REFUSED_SHARE)) this.#cut(now);
		return true;
	}

	#count(refused: 0 | 1, now: number): void {
		this.#outcomes = Math.min(SHARE_MEMORY, this.#outcomes + 1);
		this.#refusedShare += (refused - this.#refusedShare) / this.#outcomes;
		if (this.#acceptedRate === undefined || now >= this.#cutAt + this.#plateauMs) return;
		this.#slower.count++;
		this.#slower.refused += refused;
		if (this.#slower.count < MIN_SLOWER) return;
		this.#usualShare = this.#slower.refused / this.#slower.count;
		if (this.#usualShare > this.#shareAtCut / 2) this.#acceptedRate = undefined;
	}

	#cut(now: number): void {
		const measured = this.#measured(now);
		if (measured === undefined) return;
		this.#acceptedRate = Math.max(MIN_RATE_PER_MS, Math.min(measured, this.#rate(now) ?? measured));
		this.#cutAt = now;
		this.#nextAt = now + 1 / (CUT * this.#acceptedRate);
		this.#shareAtCut = this.#refusedShare;
		this.#refusedShare = 0;
		this.#slower = { count: 0, refused: 0 };
	}

	/** The rate that was accepted; undefined if that has not been seen for long enough. */
	#measured(now: number): number | undefined {
		// Before a shortage there may have been little to do, or a reserve.
		const since = this.#rate(now) === undefined ? this.#shortageSince : Number.NEGATIVE_INFINITY;
		const from = Math.max(since, Math.min(now - WINDOW_MS, this.#replies.at(-MIN_REPLIES) ?? now));
		const count = this.#replies.filter((at) => at >= from).length;
		return count < MIN_REPLIES || now - from < MIN_WINDOW_MS ? undefined : count / (now - from);
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
