/** When a reply reaches this many marks, every second one is dropped. */
const MAX_MARKS = 128;

/** How evenly a reply arrives, in constant memory. */
export class Pace {
	#count = 0;
	#mean = 0;
	#squares = 0;
	#last: number | undefined;
	#reads = 0;
	#longestGap = 0;
	#marks: number[] = [];
	#every = 1;

	/** Content came in a read at `time`, in milliseconds. Several deltas of one read are one mark. */
	mark(time: number): void {
		if (time === this.#last) return;
		this.#reads++;
		if (this.#last !== undefined) this.#addGap(time - this.#last);
		this.#last = time;
		if (this.#count % this.#every === 0) this.#keep(time);
	}

	/**
	 * Coefficient of variation of the gaps between reads. 0: a steady stream, 1: random arrival, above 1: bursts with
	 * pauses between them. Undefined with fewer than three gaps.
	 */
	get burstiness(): number | undefined {
		if (this.#count < 3 || this.#mean === 0) return undefined;
		return Math.sqrt(this.#squares / this.#count) / this.#mean;
	}

	/** Reads with content. */
	get reads(): number {
		return this.#reads;
	}

	/** Longest time between two reads, in milliseconds. */
	get longestGap(): number {
		return this.#longestGap;
	}

	/** Times of reads, evenly thinned. */
	get marks(): readonly number[] {
		return this.#marks;
	}

	/** Welford's running variance. */
	#addGap(gap: number): void {
		this.#longestGap = Math.max(this.#longestGap, gap);
		this.#count++;
		const before = gap - this.#mean;
		this.#mean += before / this.#count;
		this.#squares += before * (gap - this.#mean);
	}

	#keep(time: number): void {
		this.#marks.push(time);
		if (this.#marks.length < MAX_MARKS) return;
		this.#marks = this.#marks.filter((_mark, index) => index % 2 === 0);
		this.#every *= 2;
	}
}
