/** A target counts as down once that is this many times likelier than its usual rate of failures. */
const DOWN_EVIDENCE = Math.log(100);
/** How often requests fail at a target that is down. */
const DOWN_RATE = 0.98;

/** Bounds of a target's own failure rate, and how many outcomes it remembers. */
const MIN_RATE = 0.05;
const MAX_RATE = 0.9;
const MEMORY = 30;
const MAX_WEIGHT = Math.log(DOWN_RATE / MIN_RATE);
/** Failures in a row that enter the rate: an outage says little about how often a target that is not down fails. */
const MAX_FAILURES = 12;

/** Failures this close together have one cause: a blip that cuts eight replies is one event. */
export const EVENT_MS = 400;
/** What an error status adds to an event of which it is not the first: the server has judged this request too. */
const SAME_EVENT_SHARE = 1 / 6;

/**
 * How likely it is that a target is down, from the outcomes of its requests. Each failure weighs by the target's own
 * failure rate: two in a row prove an outage of a target that never fails, five prove nothing about one that fails four
 * times in ten. What one cause explains counts once: failures of requests that were sent before the last one was
 * counted, and the failures of one request while no other request fails.
 */
export class Evidence {
	#sum = 0;
	#failureRate = MIN_RATE;
	/** Failures since the last success, with which they enter the failure rate. */
	#failures = 0;
	/** Requests that have failed since the last success. */
	readonly #failed = new Set<string>();
	#eventAt = Number.NEGATIVE_INFINITY;

	/** The target is probably down. */
	get isConclusive(): boolean {
		return this.#sum >= DOWN_EVIDENCE;
	}

	/** Half of that, from more than one request: worth finding out before more are sent. */
	get isHalf(): boolean {
		return this.#sum > DOWN_EVIDENCE / 2 && this.#failed.size > 1;
	}

	/** Conclusive, from at least three requests. */
	get isGeneral(): boolean {
		return this.isConclusive && this.#failed.size > 2;
	}

	/** What one failure of this target says, from nearly 0 to 1: of one that hardly ever fails. */
	get weight(): number {
		const usual = Math.min(MAX_RATE, Math.max(MIN_RATE, this.#failureRate));
		return Math.log(DOWN_RATE / usual) / MAX_WEIGHT;
	}

	/** When the last failure was counted. */
	get eventAt(): number {
		return this.#eventAt;
	}

	/** A reply began to a request that was sent at `sentAt`. */
	succeeded(sentAt: number): void {
		for (; this.#failures > 0; this.#failures--) this.#failureRate += (1 - this.#failureRate) / MEMORY;
		this.#failureRate -= this.#failureRate / MEMORY;
		if (sentAt >= this.#eventAt) {
			this.#sum = 0;
			this.#failed.clear();
		} else {
			// The server that began to answer an earlier request may have failed since.
			this.#sum /= 2;
		}
	}

	/** A request failed in a way that an outage may explain. `isCut`: its connection broke, perhaps with others. */
	failed(request: string, { sentAt, now, isCut }: { sentAt: number; now: number; isCut: boolean }): void {
		const isRepeated = this.#failed.has(request);
		this.#failed.add(request);
		const weight = this.weight * MAX_WEIGHT;
		if (sentAt < this.#eventAt + EVENT_MS) {
			if (!isCut && !isRepeated) this.#add(weight * SAME_EVENT_SHARE);
			return;
		}
		this.#eventAt = now;
		this.#failures = Math.min(MAX_FAILURES, this.#failures + 1);
		if (!isRepeated || this.#failed.size > 1) this.#add(weight);
	}

	#add(weight: number): void {
		this.#sum = Math.min(DOWN_EVIDENCE, this.#sum + weight);
	}
}
