import type { Failure } from "../failures/classify.ts";
import { FAILURES } from "../failures/table.ts";
import { type Cancellable, delay } from "../http/cancellation.ts";

/** How long other requests wait for the first one to a target that has never answered. */
const UNPROVEN_WAIT_MS = 1000;

/** Whether a request may be sent; else the failure to report in its place, with the rest of the provider's own wait. */
export type Admission = { kind: "admitted"; permit: Permit } | { kind: "blocked"; failure: Failure };

/** Permission to send one request. Call one method when the outcome is known; `failed` may follow `succeeded`. */
export interface Permit {
	succeeded(): void;
	failed(failure: Failure): void;
	/** The outcome says nothing about the target: the client disconnected, for example. */
	released(): void;
}

interface TargetState {
	/** Failures in a row. */
	failures: number;
	/** No request is sent before this time, in milliseconds since 1970. */
	openUntil: number;
	lastFailure: Failure | undefined;
	/** The provider named the wait, so the rest of it may be reported. */
	isNamedWait: boolean;
	/** The target has answered at least once. */
	isProven: boolean;
	/** Resolves when the probe in flight has an outcome. */
	probe: Promise<void> | undefined;
}

/**
 * The health of each target: one endpoint, key and model. While a target is limited or down, its requests wait for the
 * end of its pause, or fail together. After the pause one of them probes the target, and the others wait for the outcome.
 * So neither parallel subagents nor the retries of several Claude Code processes flood a provider.
 */
export class CircuitBreaker {
	readonly #states = new Map<string, TargetState>();

	/** Waits until a request may be sent, at most `maxWaitMs`. Rejects when the signal is aborted. */
	async admit(key: string, maxWaitMs: number, signal: Cancellable): Promise<Admission> {
		const state = this.#state(key);
		const deadline = Date.now() + maxWaitMs;
		for (;;) {
			const now = Date.now();
			if (state.lastFailure && state.openUntil > now) {
				if (state.openUntil > deadline) return blocked(state, state.lastFailure);
				await delay(state.openUntil - now, signal);
			} else if (state.probe) {
				const waitMs = state.lastFailure ? deadline - now : UNPROVEN_WAIT_MS;
				if (await settlesWithin(state.probe, Math.max(0, waitMs), signal)) continue;
				if (state.lastFailure) return blocked(state, state.lastFailure);
				return { kind: "admitted", permit: permitFor(state) };
			} else {
				const isHealthy = state.isProven && state.failures === 0;
				return { kind: "admitted", permit: isHealthy ? permitFor(state) : probePermit(state) };
			}
		}
	}

	/** Pauses a target whose headers say that its limit is used up. */
	hold(key: string, seconds: number, failure: Failure): void {
		const state = this.#state(key);
		state.isNamedWait = true;
		state.lastFailure = failure;
		state.openUntil = Math.max(state.openUntil, Date.now() + seconds * 1000);
	}

	#state(key: string): TargetState {
		const known = this.#states.get(key);
		if (known) return known;
		const state: TargetState = {
			failures: 0,
			openUntil: 0,
			lastFailure: undefined,
			isNamedWait: false,
			isProven: false,
			probe: undefined,
		};
		this.#states.set(key, state);
		return state;
	}
}

function permitFor(state: TargetState): Permit {
	return {
		succeeded() {
			state.isProven = true;
			// A pause that the headers of this very reply asked for remains.
			if (state.failures === 0) return;
			state.failures = 0;
			state.openUntil = 0;
			state.lastFailure = undefined;
		},
		failed(failure) {
			const pauses = FAILURES[failure.class].pausesSeconds;
			if (pauses.length === 0) return;
			const pause = failure.retryAfter ?? pauses[state.failures] ?? pauses.at(-1) ?? 0;
			state.failures++;
			state.isNamedWait = failure.retryAfter !== undefined;
			state.lastFailure = failure;
			state.openUntil = Math.max(state.openUntil, Date.now() + pause * 1000);
		},
		released() {},
	};
}

/** A permit whose outcome other requests wait for. */
function probePermit(state: TargetState): Permit {
	const permit = permitFor(state);
	let resolve = () => {};
	const probe = new Promise<void>((resolveProbe) => {
		resolve = resolveProbe;
	});
	state.probe = probe;
	const settle = () => {
		// A failure after the first content settles the probe twice; by then another one may be in flight.
		if (state.probe === probe) state.probe = undefined;
		resolve();
	};
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

function blocked(state: TargetState, failure: Failure): Admission {
	const seconds = (state.openUntil - Date.now()) / 1000;
	const retryAfter = state.isNamedWait && seconds > 0 ? seconds : undefined;
	return { kind: "blocked", failure: { ...failure, retryAfter } };
}

/** False when the time is over before the promise settles. */
function settlesWithin(promise: Promise<void>, ms: number, signal: Cancellable): Promise<boolean> {
	return Promise.race([promise.then(() => true), delay(ms, signal).then(() => false)]);
}
