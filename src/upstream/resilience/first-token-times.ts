import { DEFAULT_PATIENCE, type Patience } from "./idle-watch.ts";

/** First-token times that are needed before a target's median says anything. */
const ENOUGH = 5;
const KEPT = 50;

/** A target counts as degraded when its first token takes this many times its own median, and never before a while. */
const DEGRADED_FACTOR = 8;
const DEGRADED_AT_LEAST = 20_000;

/** Remembers how long each target's first token took in this run. */
export class FirstTokenTimes {
	readonly #times = new Map<string, number[]>();

	observe(key: string, milliseconds: number): void {
		const times = this.#times.get(key) ?? [];
		times.push(milliseconds);
		if (times.length > KEPT) times.shift();
		this.#times.set(key, times);
	}

	/**
	 * How long to wait for a target. With a fallback at hand, a target that is far slower than its own median is given
	 * up earlier; without one, waiting is all there is.
	 */
	patience(key: string, asked: Partial<Patience>, hasFallback: boolean): Patience {
		const patience = { ...DEFAULT_PATIENCE, ...asked };
		const times = this.#times.get(key) ?? [];
		if (asked.firstToken !== undefined || !hasFallback || times.length < ENOUGH) return patience;
		const median = [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
		const degraded = Math.max(DEGRADED_AT_LEAST, DEGRADED_FACTOR * median);
		return { ...patience, firstToken: Math.min(patience.firstToken, degraded) };
	}
}
