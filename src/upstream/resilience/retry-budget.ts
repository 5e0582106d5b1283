/** Retries that a proxy may make at once, and how many each request adds: an outage must not double the traffic. */
const INITIAL_RETRIES = 20;
const RETRIES_PER_REQUEST = 0.2;

/** The retries that one proxy may still make. Five requests earn one retry. */
export class RetryBudget {
	#remaining = INITIAL_RETRIES;

	/** Call it for each request. */
	earn(): void {
		this.#remaining = Math.min(INITIAL_RETRIES, this.#remaining + RETRIES_PER_REQUEST);
	}

	/** Takes one retry; false when none remains. */
	spend(): boolean {
		if (this.#remaining < 1) return false;
		this.#remaining--;
		return true;
	}
}
