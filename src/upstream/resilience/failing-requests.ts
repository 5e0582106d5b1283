import type { Failure } from "../failures/classify.ts";

/**
 * Pauses of one request after its first, second, … failure, and the longest, which repeats. Claude Code 2.1.x waits 0.5
 * to 32 s.
 */
const PAUSES_MS = [250, 500, 1000, 2000, 4000, 8000];
const MAX_PAUSE_MS = 10_000;

/** The first pause if the connection broke: it may have been an idle one that the server had closed. */
const RECONNECT_MS = 100;

/** The pauses if nothing has answered yet: the server may be starting. */
const STARTING_MS = 500;

/** A wait that the provider named is kept for this long; then a request finds out. */
export const MAX_NAMED_WAIT_MS = 600_000;

/** A request is poison after this number of failures between which others succeeded. */
const POISON_STRIKES = 2;

/** More failing requests than this are not remembered; the oldest is forgotten. */
const MAX_REMEMBERED = 100;

interface FailingRequest {
	failure: Failure;
	failures: number;
	failedAt: number;
	pausedUntil: number;
	/** End of the wait that the provider named. */
	namedUntil: number;
	strikes: number;
	/** Other requests that were sent after its last failure have succeeded. */
	othersSucceeded: boolean;
}

/**
 * The requests that failed last, by the hash of their body: Claude Code's own retries of a request continue its pauses. A
 * request that keeps failing while others succeed is poison: it says nothing about the target, and waits alone.
 */
export class FailingRequests {
	readonly #requests = new Map<string, FailingRequest>();
	readonly #random: () => number;

	constructor(random: () => number) {
		this.#random = random;
	}

	get isEmpty(): boolean {
		return this.#requests.size === 0;
	}

	find(request: string): Readonly<FailingRequest> | undefined {
		return this.#requests.get(request);
	}

	isPoison(request: string): boolean {
		return (this.#requests.get(request)?.strikes ?? 0) >= POISON_STRIKES;
	}

	failed(request: string, failure: Failure, now: number): void {
		const known = this.#requests.get(request);
		const { failures, strikes, othersSucceeded } = known ?? { failures: 0, strikes: 0, othersSucceeded: true };
		const isReconnect = failures === 0 && failure.class === "network";
		const isStarting = failure.class === "unreachable";
		const pauseMs = isReconnect ? RECONNECT_MS : isStarting ? STARTING_MS : (PAUSES_MS[failures] ?? MAX_PAUSE_MS);
		const jittered = pauseMs * (0.75 + 0.5 * this.#random());
		const namedMs = (failure.retryAfter ?? 0) * 1000;
		this.#requests.delete(request);
		this.#requests.set(request, {
			failure,
			failures: failures + 1,
			failedAt: now,
			pausedUntil: now + Math.max(jittered, Math.min(namedMs, MAX_NAMED_WAIT_MS)),
			namedUntil: now + namedMs,
			strikes: strikes + (othersSucceeded ? 1 : 0),
			othersSucceeded: false,
		});
		const [oldest] = this.#requests.keys();
		if (this.#requests.size > MAX_REMEMBERED && oldest !== undefined) this.#requests.delete(oldest);
	}

	/** `request` is computed only where requests have failed. */
	succeeded(request: () => string, sentAt: number): void {
		if (this.isEmpty) return;
		this.#requests.delete(request());
		for (const other of this.#requests.values()) other.othersSucceeded ||= sentAt >= other.failedAt;
	}
}
