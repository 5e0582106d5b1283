import type { Failure } from "../failures/classify.ts";
import { FAILURES } from "../failures/table.ts";
import { type Cancellable, delay } from "../http/cancellation.ts";

/** How long others wait for the first request to a target that has not answered yet in this run, in milliseconds. */
const UNPROVEN_WAIT = 1000;

/** Leave to send one request. One of the three is called when its outcome is known; `failed` may follow `succeeded`. */
export interface Permit {
	succeeded(): void;
	failed(failure: Failure): void;
	/** The outcome says nothing about the target (the client went away, the request was refused). */
	released(): void;
}

interface State {
	/** Failures in a row. */
	failures: number;
	/** Requests are held until then, in milliseconds since 1970. */
	openUntil: number;
	lastFailure: Failure | undefined;
	/** The wait came from the provider, so its rest may be passed on. */
	hinted: boolean;
	/** Answered well at least once. */
	proven: boolean;
	/** Settles when the probe in flight has an outcome. */
	probe: Promise<void> | undefined;
}

/**
 * One shared view per (endpoint, key, model). While a target is limited or down, its requests wait, or fail together;
 * when the pause is over, one of them probes and the others wait for what it finds. So neither parallel subagents nor
 * the retries of several Claude Code processes become a storm.
 */
export class CircuitBreaker {
	readonly #states = new Map<string, State>();

	/**
	 * Waits for leave to send, at most `budget` milliseconds. Returns the failure that stands in the way when the wait
	 * would be longer: with the rest of the provider's own wait, or without any.
	 */
	async admit(key: string, budget: number, signal: Cancellable): Promise<Permit | Failure> {
		const state = this.#state(key);
		const deadline = Date.now() + budget;
		for (;;) {
			const now = Date.now();
			const blocked = state.openUntil > now && state.lastFailure;
			if (blocked) {
				if (state.openUntil > deadline) return remaining(state, blocked, now);
				await delay(state.openUntil - now, signal);
			} else if (state.probe) {
				const patience = state.lastFailure ? deadline - now : UNPROVEN_WAIT;
				const settled = await settlesWithin(state.probe, Math.max(0, patience), signal);
				if (!settled) return state.lastFailure ? remaining(state, state.lastFailure, Date.now()) : this.#permit(state);
			} else {
				return state.proven && state.failures === 0 ? this.#permit(state) : this.#probe(state);
			}
		}
	}

	/** Holds a target's requests for some seconds: the provider's headers said that its limit is used up. */
	hold(key: string, seconds: number, failure: Failure): void {
		const state = this.#state(key);
		state.hinted = true;
		state.lastFailure = failure;
		state.openUntil = Math.max(state.openUntil, Date.now() + seconds * 1000);
	}

	#state(key: string): State {
		const known = this.#states.get(key);
		if (known) return known;
		const fresh: State = {
			failures: 0,
			openUntil: 0,
			lastFailure: undefined,
			hinted: false,
			proven: false,
			probe: undefined,
		};
		this.#states.set(key, fresh);
		return fresh;
	}

	#permit(state: State): Permit {
		return {
			succeeded() {
				state.proven = true;
				// A hold that the headers asked for outlives the good reply that carried them.
				if (state.failures === 0) return;
				state.failures = 0;
				state.openUntil = 0;
				state.lastFailure = undefined;
			},
			failed(failure) {
				const pauses = FAILURES[failure.class].pausesSeconds;
				if (pauses.length === 0) return;
				const pause = failure.retryAfter ?? pauses[Math.min(state.failures, pauses.length - 1)] ?? 0;
				state.failures++;
				state.hinted = failure.retryAfter !== undefined;
				state.lastFailure = failure;
				state.openUntil = Math.max(state.openUntil, Date.now() + pause * 1000);
			},
			released() {},
		};
	}

	#probe(state: State): Permit {
		const permit = this.#permit(state);
		let settle = () => {};
		state.probe = new Promise((resolve) => {
			settle = () => {
				state.probe = undefined;
				resolve();
			};
		});
		return {
			succeeded() {
				permit.succeeded();
				settle();
			},
			failed(failure) {
				permit.failed(failure);
				settle();
			},
			released: settle,
		};
	}
}

/** False when the time runs out first. */
async function settlesWithin(promise: Promise<void>, milliseconds: number, signal: Cancellable): Promise<boolean> {
	const timeout = delay(milliseconds, signal).then(() => false);
	return Promise.race([promise.then(() => true), timeout]);
}

function remaining(state: State, failure: Failure, now: number): Failure {
	const rest = (state.openUntil - now) / 1000;
	return { ...failure, retryAfter: state.hinted && rest > 0 ? rest : undefined };
}
