import type { Target } from "../../profile/model/target.ts";
import type { Failure } from "../../upstream/failures/classify.ts";

/** Milliseconds for which a session stays with the fallback before the primary is tried again. */
const STICKY = 5 * 60_000;

/** The targets of one exchange, in the order in which they are tried. */
export interface Route {
	current(): Target;
	/** Whether another target could take over from the current one. */
	hasNext(): boolean;
	/** Goes on to the target after the current one; undefined when that was the last. */
	next(failure: Failure): Target | undefined;
}

/** Remembers, for one run, which target of a chain is in use and when the primary is tried again. */
export class FallbackState {
	#active = 0;
	#returnAt = 0;

	/** Position of the target in use; 0 is the primary. */
	get active(): number {
		return this.#active > 0 && Date.now() >= this.#returnAt ? 0 : this.#active;
	}

	/** The route of one exchange over its targets. `fits` leaves out a target that cannot hold the conversation. */
	route(targets: readonly [Target, ...Target[]], fits: (target: Target) => boolean): Route {
		let position = Math.min(this.active, targets.length - 1);
		const following = () => targets.findIndex((target, index) => index > position && fits(target));
		return {
			current: () => targets[position] ?? targets[0],
			hasNext: () => following() >= 0,
			next: (failure) => {
				const found = following();
				if (found < 0) return undefined;
				position = found;
				this.#active = found;
				this.#returnAt = Date.now() + Math.max(STICKY, (failure.retryAfter ?? 0) * 1000);
				return targets[found];
			},
		};
	}
}
