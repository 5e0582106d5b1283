import { UpstreamFailure } from "../failures/failure.ts";
import type { Cancellation } from "../http/cancellation.ts";

export interface Patience {
	/** Longest wait for the first content, in milliseconds. */
	firstToken: number;
	/** Longest silence without real progress after it; keep-alive comments and empty chunks are no progress. */
	progress: number;
}

/**
 * 25 minutes to the first token, ten between two: a local server that reads a long prompt is silent for long. Providers
 * have limits of their own (DeepSeek closes after ten minutes).
 */
export const DEFAULT_PATIENCE: Patience = { firstToken: 1_500_000, progress: 600_000 };

/** After the finish reason only usage and [DONE] can come; some servers then leave the socket open without a word. */
const GRACE = 2000;

/** Watches one reply for progress and aborts it when it stalls. */
export class IdleWatch {
	readonly #patience: Patience;
	readonly #cancellation: Cancellation;
	#timer: NodeJS.Timeout;
	#state: "waiting" | "running" | "settled" = "waiting";
	/** What the clock is set for. */
	#watched: "waiting" | "running" | "settled" = "waiting";
	#isMoving = false;
	#stalled: UpstreamFailure | undefined;

	constructor(patience: Patience, cancellation: Cancellation) {
		this.#patience = patience;
		this.#cancellation = cancellation;
		this.#timer = this.#arm(patience.firstToken, "no first token");
	}

	/** The failure, once the reply has stalled. */
	get stalled(): UpstreamFailure | undefined {
		return this.#stalled;
	}

	/** The provider has said that the reply is complete: what there is may be used, however the connection ends. */
	get settled(): boolean {
		return this.#state === "settled";
	}

	/** Content has arrived. Called for every event: the clock is set when all of a read has been seen. */
	progress(): void {
		this.#isMoving = true;
		if (this.#state === "waiting") this.#state = "running";
	}

	/** The provider has said that the reply is complete. */
	settle(): void {
		this.#state = "settled";
	}

	/** Sets the clock for the next read. */
	wind(): void {
		const isMoving = this.#isMoving;
		this.#isMoving = false;
		if (this.#watched !== this.#state) this.#watch();
		else if (this.#state === "running" && isMoving) this.#timer.refresh();
	}

	stop(): void {
		clearTimeout(this.#timer);
	}

	#watch(): void {
		this.#watched = this.#state;
		clearTimeout(this.#timer);
		this.#timer =
			this.#state === "settled"
				? setTimeout(() => this.#cancellation.abort(), GRACE).unref()
				: this.#arm(this.#patience.progress, "no progress");
	}

	#arm(milliseconds: number, what: string): NodeJS.Timeout {
		return setTimeout(() => {
			this.#stalled = UpstreamFailure.truncated(`${what} for ${Math.round(milliseconds / 1000)} s`);
			this.#cancellation.abort(this.#stalled);
		}, milliseconds).unref();
	}
}
