/** Time is counted in steps of this length. */
const STEP_MS = 5000;

/** A step that ends later than this was interrupted: it is counted again. */
const MAX_LATE_MS = 1000;

/**
 * A timer for the time in which this process was awake. After a SIGSTOP or the sleep of a laptop a normal timer is due at
 * once, before what has arrived meanwhile is read. It does not keep the process alive.
 */
export class AwakeTimer {
	readonly #ms: number;
	readonly #onDue: () => void;
	#left: number;
	#timer: NodeJS.Timeout | undefined;

	constructor(ms: number, onDue: () => void) {
		this.#ms = ms;
		this.#onDue = onDue;
		this.#left = ms;
		this.#step();
	}

	/** Begins again. */
	refresh(): void {
		this.stop();
		this.#left = this.#ms;
		this.#step();
	}

	stop(): void {
		clearTimeout(this.#timer);
	}

	#step(): void {
		const stepMs = Math.min(this.#left, STEP_MS);
		const dueAt = performance.now() + stepMs;
		this.#timer = setTimeout(() => {
			if (performance.now() - dueAt <= MAX_LATE_MS) this.#left -= stepMs;
			if (this.#left > 0) this.#step();
			else this.#onDue();
		}, stepMs).unref();
	}
}
