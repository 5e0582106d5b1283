import type { Failure } from "../failures/classify.ts";
import type { Cancellable } from "../http/cancellation.ts";
import { type SentAttempt, TargetHealth } from "./target-health.ts";

/** Whether a request may be sent; else the failure to report in its place, with the rest of the provider's own wait. */
export type Admission = { kind: "admitted"; permit: Permit } | { kind: "blocked"; failure: Failure };

/** Permission to send one request. Call one method when the outcome is known; `failed` may follow `succeeded`. */
export interface Permit {
	/** The first content arrived. Later calls change nothing. */
	succeeded(): void;
	failed(failure: Failure): void;
	/** The outcome says nothing about the target: the client disconnected, for example. */
	released(): void;
}

/** A request that asks to be sent. Times are of `performance.now()`. */
export interface GateRequest {
	/** Identifies the body, so that Claude Code's retries are recognized. Called only where requests have failed. */
	request: () => string;
	/** Requests are sent in the order of their arrival. */
	arrivedAt: number;
	/** It waits until then at most. */
	deadline: number;
	signal: Cancellable;
}

interface Waiting extends GateRequest {
	admitted: (permit: Permit) => void;
	blocked: () => void;
}

/** What requests wait for; undefined when none waits. */
export type OnWaiting = (failure: Failure | undefined) => void;

/** Where requests to one target wait in order until its health lets them go. */
class TargetGate {
	readonly #health = new TargetHealth();
	readonly #onWaiting: OnWaiting;
	#waiting: Waiting[] = [];
	#isWaiting = false;
	#timer: NodeJS.Timeout | undefined;

	constructor(onWaiting: OnWaiting) {
		this.#onWaiting = onWaiting;
	}

	admit(asking: GateRequest): Promise<Admission> {
		return new Promise((resolve, reject) => {
			const { signal } = asking;
			const settle = () => {
				this.#waiting = this.#waiting.filter((other) => other !== waiting);
				signal.removeEventListener("abort", onAbort);
			};
			const onAbort = () => {
				settle();
				reject(signal.reason);
				this.#proceed();
			};
			const waiting: Waiting = {
				...asking,
				admitted: (permit) => {
					settle();
					resolve({ kind: "admitted", permit });
				},
				blocked: () => {
					settle();
					resolve({ kind: "blocked", failure: this.#health.failureFor(asking.request, performance.now()) });
				},
			};
			if (signal.aborted) return reject(signal.reason);
			signal.addEventListener("abort", onAbort);
			this.#waiting.push(waiting);
			this.#proceed();
		});
	}

	usedUp(seconds: number): void {
		this.#health.usedUp(seconds, performance.now());
	}

	/** Sends what may be sent now, in order, and comes back when that changes. */
	#proceed(): void {
		const now = performance.now();
		let next = Number.POSITIVE_INFINITY;
		for (const waiting of this.#inOrder()) {
			const { request, deadline } = waiting;
			const pausedUntil = this.#health.pausedUntil(request);
			const readyAt = Math.max(pausedUntil, this.#health.readyAt(now, request));
			if (readyAt <= now) waiting.admitted(this.#permit(this.#health.sent(request, now)));
			else if (now >= deadline || pausedUntil > deadline) waiting.blocked();
			else next = Math.min(next, readyAt, deadline);
		}
		clearTimeout(this.#timer);
		if (next < Number.POSITIVE_INFINITY) {
			this.#timer = setTimeout(() => this.#proceed(), Math.max(1, Math.ceil(next - now))).unref();
		}
		this.#report(now);
	}

	#report(now: number): void {
		const [first] = this.#waiting;
		if (this.#isWaiting === (first !== undefined)) return;
		this.#isWaiting = first !== undefined;
		this.#onWaiting(first && this.#health.failureFor(first.request, now));
	}

	/** The oldest first. A request that keeps failing alone says nothing as a probe: in doubt it goes last. */
	#inOrder(): Waiting[] {
		const isLast = ({ request }: Waiting) => this.#health.isDoubtful && this.#health.isPoison(request);
		return this.#waiting.toSorted((a, b) => Number(isLast(a)) - Number(isLast(b)) || a.arrivedAt - b.arrivedAt);
	}

	#permit(attempt: SentAttempt): Permit {
		const then = (outcome: (now: number) => void) => {
			outcome(performance.now());
			this.#proceed();
		};
		let hasSucceeded = false;
		return {
			succeeded: () => {
				if (!hasSucceeded) then((now) => this.#health.succeeded(attempt, now));
				hasSucceeded = true;
			},
			failed: (failure) => then((now) => this.#health.failed(attempt, failure, now)),
			released: () => then(() => this.#health.released(attempt)),
		};
	}
}

/**
 * The gates of all targets: one endpoint, key and model each. While a target is limited or down, its requests wait here,
 * and one of them probes it. So neither parallel subagents nor the retries of several Claude Code processes flood a
 * provider, and a target that is merely flaky costs no more than without a proxy.
 */
export class TargetGates {
	readonly #gates = new Map<string, TargetGate>();
	/** What the requests of each target wait for. */
	readonly #waitingFor = new Map<string, Failure>();
	readonly #onWaiting: OnWaiting;

	constructor(onWaiting: OnWaiting = () => {}) {
		this.#onWaiting = onWaiting;
	}

	/** Waits until a request may be sent, at most until its deadline. Rejects when the signal is aborted. */
	admit(key: string, request: GateRequest): Promise<Admission> {
		return this.#gate(key).admit(request);
	}

	/** The headers of a good reply say that a limit is used up for so long. */
	usedUp(key: string, seconds: number): void {
		this.#gate(key).usedUp(seconds);
	}

	#gate(key: string): TargetGate {
		const gate = this.#gates.get(key) ?? new TargetGate((failure) => this.#report(key, failure));
		this.#gates.set(key, gate);
		return gate;
	}

	#report(key: string, failure: Failure | undefined): void {
		if (failure) this.#waitingFor.set(key, failure);
		else this.#waitingFor.delete(key);
		const [first] = this.#waitingFor.values();
		this.#onWaiting(first);
	}
}
