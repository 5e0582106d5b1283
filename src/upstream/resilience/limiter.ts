import { type Cancellable, pause } from "../http/cancellation.ts";

/** A profile's own limits towards its provider; an absent one is no limit. */
export interface Limits {
	requestsPerMinute?: number | undefined;
	/** Input tokens, counted by what the provider reported for the last minute. */
	tokensPerMinute?: number | undefined;
	concurrency?: number | undefined;
}

const MINUTE = 60_000;

/** Keeps the requests of one run under the limits of a profile: requests wait in order, none is refused. */
export class Limiter {
	readonly #limits: Limits;
	readonly #starts: number[] = [];
	readonly #tokens: { at: number; count: number }[] = [];
	readonly #queue: (() => void)[] = [];
	#running = 0;

	constructor(limits: Limits) {
		this.#limits = limits;
	}

	/** Waits for a place; the returned function gives it back, with the input tokens that were used. */
	async acquire(signal: Cancellable): Promise<(tokens: number) => void> {
		const { concurrency = Number.POSITIVE_INFINITY } = this.#limits;
		while (this.#running >= concurrency) {
			await this.#turn(signal);
		}
		this.#running++;
		try {
			for (let wait = this.#wait(); wait > 0; wait = this.#wait()) await pause(wait, signal);
		} catch (error) {
			this.#leave();
			throw error;
		}
		const { requestsPerMinute, tokensPerMinute } = this.#limits;
		if (requestsPerMinute !== undefined) this.#starts.push(Date.now());
		return (tokens) => {
			if (tokensPerMinute !== undefined) this.#tokens.push({ at: Date.now(), count: tokens });
			this.#leave();
		};
	}

	/** Waits in the queue. One that goes away leaves it: its turn would be lost for those behind it. */
	#turn(signal: Cancellable): Promise<void> {
		return new Promise((resolve, reject) => {
			const goAway = () => {
				const place = this.#queue.indexOf(resolve);
				if (place >= 0) this.#queue.splice(place, 1);
				reject(signal.reason);
			};
			this.#queue.push(resolve);
			if (signal.aborted) goAway();
			else signal.addEventListener("abort", goAway);
		});
	}

	#leave(): void {
		this.#running--;
		this.#queue.shift()?.();
	}

	/** Milliseconds until the oldest request or token count of the last minute has aged out; 0 when there is room. */
	#wait(): number {
		const horizon = Date.now() - MINUTE;
		while (this.#starts[0] !== undefined && this.#starts[0] <= horizon) this.#starts.shift();
		while (this.#tokens[0] !== undefined && this.#tokens[0].at <= horizon) this.#tokens.shift();
		const { requestsPerMinute = Number.POSITIVE_INFINITY, tokensPerMinute = Number.POSITIVE_INFINITY } = this.#limits;
		const used = this.#tokens.reduce((sum, { count }) => sum + count, 0);
		const oldestStart = this.#starts.length >= requestsPerMinute ? this.#starts[0] : undefined;
		const oldestTokens = used >= tokensPerMinute ? this.#tokens[0]?.at : undefined;
		return Math.max(0, (oldestStart ?? horizon) - horizon, (oldestTokens ?? horizon) - horizon);
	}
}
