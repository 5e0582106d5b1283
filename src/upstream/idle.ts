import type { Cancellation } from "./cancellation.ts";
import { UpstreamFailure } from "./failure.ts";

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

	/** Content has arrived. Called for every event, so it only winds the clock. */
	progress(): void {
		if (this.#state === "running") this.#timer.refresh();
		if (this.#state !== "waiting") return;
		this.#state = "running";
		clearTimeout(this.#timer);
		this.#timer = this.#arm(this.#patience.progress, "no progress");
	}

	/** The provider has said that the reply is complete. */
	settle(): void {
		if (this.#state === "settled") return;
		this.#state = "settled";
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#cancellation.abort(), GRACE).unref();
	}

	stop(): void {
		clearTimeout(this.#timer);
	}

	#arm(milliseconds: number, what: string): NodeJS.Timeout {
		return setTimeout(() => {
			this.#stalled = UpstreamFailure.truncated(`${what} for ${Math.round(milliseconds / 1000)} s`);
			this.#cancellation.abort(this.#stalled);
		}, milliseconds).unref();
	}
}
