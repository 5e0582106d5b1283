/** Retries that a run may have open at first, and what each request adds: an outage must not double the traffic. */
const START = 20;
const PER_REQUEST = 0.2;

/** The retries that one run may still make. Every request earns a fifth of one, every retry costs one. */
export class RetryBudget {
	#left = START;

	earn(): void {
		this.#left = Math.min(START, this.#left + PER_REQUEST);
	}

	/** Takes one; false when none is left. */
	spend(): boolean {
		if (this.#left < 1) return false;
		this.#left--;
		return true;
	}
}
