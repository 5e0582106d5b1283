import { UpstreamFailure } from "../failures/failure.ts";
import type { Cancellation } from "../http/cancellation.ts";
import { AwakeTimer } from "./awake-timer.ts";

export interface ReplyTimeouts {
	/** Longest wait for the first content. */
	firstTokenMs: number;
	/** Longest silence after it. Keep-alive comments and empty chunks do not end a silence. */
	progressMs: number;
}

/**
 * A local server that reads a long prompt is silent for many minutes. Providers have limits of their own: DeepSeek closes the
 * connection after ten minutes.
 */
export const DEFAULT_TIMEOUTS: ReplyTimeouts = { firstTokenMs: 1_500_000, progressMs: 600_000 };

/** After the finish reason only usage and `[DONE]` can come. Some servers then leave the connection open and silent. */
const END_GRACE_MS = 2000;

/** Aborts an attempt whose reply stalls. */
export class IdleWatch {
	readonly #timeouts: ReplyTimeouts;
	readonly #attempt: Cancellation;
	#timer: AwakeTimer;
	#state: "waiting" | "running" | "settled" = "waiting";
	#stalled: UpstreamFailure | undefined;

	constructor(timeouts: ReplyTimeouts, attempt: Cancellation) {
		this.#timeouts = timeouts;
		this.#attempt = attempt;
		this.#timer = this.#failAfter(timeouts.firstTokenMs, "no first token");
	}

	/** The failure, once the reply has stalled. */
	get stalled(): UpstreamFailure | undefined {
		return this.#stalled;
	}

	/** The provider has said that the reply is complete: it is used, however the connection ends. */
	get settled(): boolean {
		return this.#state === "settled";
	}

	/** Call it for every event of the reply. */
	progress(): void {
		if (this.#state === "running") {
			this.#timer.refresh();
		} else if (this.#state === "waiting") {
			this.#state = "running";
			this.#timer.stop();
			this.#timer = this.#failAfter(this.#timeouts.progressMs, "no progress");
		}
	}

	/** Call it at the finish reason. */
	settle(): void {
		this.#state = "settled";
		this.#timer.stop();
		this.#timer = new AwakeTimer(END_GRACE_MS, () => this.#attempt.abort());
	}

	stop(): void {
		this.#timer.stop();
	}

	#failAfter(ms: number, what: string): AwakeTimer {
		return new AwakeTimer(ms, () => {
			this.#stalled = UpstreamFailure.stalled(`${what} for ${Math.round(ms / 1000)} s`);
			this.#attempt.abort(this.#stalled);
		});
	}
}

/** A median of fewer samples says too little about a target. */
const MIN_SAMPLES = 5;
const MAX_SAMPLES = 50;

/** A target is given up for a fallback after this many times its median, but never earlier than `MIN_SLOW_MS`. */
const SLOW_FACTOR = 8;
const MIN_SLOW_MS = 20_000;

/** Remembers how long each target took to its first token while this proxy runs. */
export class FirstTokenTimes {
	readonly #samplesMs = new Map<string, number[]>();

	observe(key: string, ms: number): void {
		const samples = this.#samplesMs.get(key) ?? [];
		samples.push(ms);
		if (samples.length > MAX_SAMPLES) samples.shift();
		this.#samplesMs.set(key, samples);
	}

	/**
	 * How long to wait for a target. With a fallback, a target that is far slower than usual is given up early, unless the
	 * profile itself names the time; without one, waiting is the only choice.
	 */
	timeouts(key: string, configured: Partial<ReplyTimeouts>, hasFallback: boolean): ReplyTimeouts {
		const timeouts = { ...DEFAULT_TIMEOUTS, ...configured };
		const samples = this.#samplesMs.get(key) ?? [];
		if (configured.firstTokenMs !== undefined || !hasFallback || samples.length < MIN_SAMPLES) return timeouts;
		const median = samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? 0;
		const slowMs = Math.max(MIN_SLOW_MS, SLOW_FACTOR * median);
		return { ...timeouts, firstTokenMs: Math.min(timeouts.firstTokenMs, slowMs) };
	}
}
