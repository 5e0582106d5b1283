import type { Target } from "../../profile/model/target.ts";
import type { Failure } from "../../upstream/failures/classify.ts";

/** How long requests stay with a fallback before the primary is tried again, unless the provider named the time. */
const FALLBACK_HOLD_MS = 4 * 60_000;

/** The targets of one exchange, in the order in which they are tried. */
export interface Route {
	current(): Target;
	/** Whether there is another target after the current one. */
	hasNext(): boolean;
	/** Moves on to the next target, for the following exchanges too; undefined when there is none. */
	next(failure: Failure): Target | undefined;
}

/** Remembers which target of a primary's fallback chain is in use, and when the primary is tried again. */
export class FallbackState {
	#active = 0;
	#returnAt = 0;

	/** The route of one exchange, primary first. `fits` says whether a target can take the conversation. */
	route(targets: readonly [Target, ...Target[]], fits: (target: Target) => boolean): Route {
		const active = performance.now() < this.#returnAt ? targets[this.#active] : undefined;
		let position = active && fits(active) ? this.#active : 0;
		const findNext = () => targets.findIndex((target, index) => index > position && fits(target));
		return {
			current: () => targets[position] ?? targets[0],
			hasNext: () => findNext() >= 0,
			next: (failure) => {
				const found = findNext();
				if (found < 0) return undefined;
				position = found;
				this.#active = found;
				const { retryAfter } = failure;
				this.#returnAt = performance.now() + (retryAfter === undefined ? FALLBACK_HOLD_MS : retryAfter * 1000);
				return targets[found];
			},
		};
	}
}
