import { type Cancellable, delay, waitIn } from "../http/cancellation.ts";

/** A profile's own limits for the requests to its provider; an absent one is no limit. */
export interface Limits {
	requestsPerMinute?: number | undefined;
	/** Input tokens, as the provider reported them for the requests of the last minute. */
	tokensPerMinute?: number | undefined;
	concurrency?: number | undefined;
}

const MINUTE_MS = 60_000;

/**
 * Keeps the requests to one provider below the limits of its profile. Requests wait in order; none is refused. A request that
 * is optional, such as one for a title, waits for all others and holds none of them up.
 */
export class Limiter {
	readonly #limits: Limits;
	/** When the requests of the last minute started, oldest first. */
	readonly #starts: number[] = [];
	readonly #tokens: { at: number; count: number }[] = [];
	readonly #queue: (() => void)[] = [];
	/** Optional requests, which wait for a free place and take none. */
	readonly #optional: (() => void)[] = [];
	#running = 0;

	constructor(limits: Limits) {
		this.#limits = limits;
	}

	/**
	 * Waits until a request may be sent. Call the returned function when it has ended, with the input tokens that it used.
	 * Rejects when the signal is aborted.
	 */
	async acquire(signal: Cancellable, { isOptional = false } = {}): Promise<(inputTokens: number) => void> {
		const { concurrency = Number.POSITIVE_INFINITY, requestsPerMinute, tokensPerMinute } = this.#limits;
		const hasPlace = this.#running < concurrency;
		if (!hasPlace) await waitIn(isOptional ? this.#optional : this.#queue, signal);
		else if (!isOptional) this.#running++;
		try {
			for (let wait = this.#waitMs(); wait > 0; wait = this.#waitMs()) {
				await delay(wait, signal);
			}
		} catch (error) {
			if (!isOptional) this.#release();
			throw error;
		}
		if (requestsPerMinute !== undefined) this.#starts.push(performance.now());
		return (inputTokens) => {
			if (tokensPerMinute !== undefined) this.#tokens.push({ at: performance.now(), count: inputTokens });
			if (!isOptional) this.#release();
		};
	}

	/** Hands the place over to the next request. */
	#release(): void {
		const next = this.#queue.shift();
		if (next) {
			next();
			return;
		}
		this.#running--;
		for (const start of this.#optional.splice(0)) start();
	}

	/** Time until enough of the last minute's requests and tokens are older than a minute; 0 when a request may be sent. */
	#waitMs(): number {
		const horizon = performance.now() - MINUTE_MS;
		while (this.#starts[0] !== undefined && this.#starts[0] <= horizon) this.#starts.shift();
		while (this.#tokens[0] !== undefined && this.#tokens[0].at <= horizon) this.#tokens.shift();
		const { requestsPerMinute = Number.POSITIVE_INFINITY, tokensPerMinute = Number.POSITIVE_INFINITY } = this.#limits;
		const used = this.#tokens.reduce((sum, { count }) => sum + count, 0);
		const oldestStart = this.#starts.length >= requestsPerMinute ? this.#starts[0] : undefined;
		const oldestTokens = used >= tokensPerMinute ? this.#tokens[0]?.at : undefined;
		return Math.max(0, (oldestStart ?? horizon) - horizon, (oldestTokens ?? horizon) - horizon);
	}
}
