import { UpstreamFailure } from "./failure.ts";

export interface Patience {
	/** Longest wait for the first content, in milliseconds. */
	firstToken: number;
	/** Longest silence without real progress after it; keep-alive comments and empty chunks are no progress. */
	progress: number;
}

/** Ten minutes to the first token (DeepSeek's own limit), five between two. */
export const DEFAULT_PATIENCE: Patience = { firstToken: 600_000, progress: 300_000 };

/** Watches one reply for progress and aborts it when it stalls. */
export class IdleWatch {
	readonly #patience: Patience;
	readonly #abort: AbortController;
	#timer: NodeJS.Timeout;
	#stalled: UpstreamFailure | undefined;

	constructor(patience: Patience, abort: AbortController) {
		this.#patience = patience;
		this.#abort = abort;
		this.#timer = this.#arm(patience.firstToken, "no first token");
	}

	/** The failure, once the reply has stalled. */
	get stalled(): UpstreamFailure | undefined {
		return this.#stalled;
	}

	/** Content has arrived. */
	progress(): void {
		clearTimeout(this.#timer);
		this.#timer = this.#arm(this.#patience.progress, "no progress");
	}

	stop(): void {
		clearTimeout(this.#timer);
	}

	#arm(milliseconds: number, what: string): NodeJS.Timeout {
		return setTimeout(() => {
			this.#stalled = UpstreamFailure.truncated(`${what} for ${Math.round(milliseconds / 1000)} s`);
			this.#abort.abort(this.#stalled);
		}, milliseconds).unref();
	}
}
