import type { Target } from "../../profile/model/target.ts";
import type { Failure } from "../../upstream/failures/classify.ts";

/** How long requests stay with a fallback before the primary is tried again, unless the provider named the time. */
const FALLBACK_HOLD_MS = 4 * 60_000;

/** More requests whose reply broke off are not remembered; the oldest is forgotten. */
const MAX_BROKEN = 100;

/** The targets of one exchange, in the order in which they are tried. */
export interface Route {
	current(): Target;
	/** Whether there is another target after the current one. */
	hasNext(): boolean;
	/** Moves on to the next target, for the following exchanges too; undefined when there is none. */
	next(failure: Failure): Target | undefined;
	/**
	 * A reply broke off after its first content. Claude Code sends the request again, to the same target: only when that
	 * reply breaks off too, the following exchanges go to the next one.
	 */
	brokeOff(request: string, failure: Failure): void;
}

/** Remembers which target of a primary's fallback chain is in use, and when the primary is tried again. */
export class FallbackState {
	#active = 0;
	#returnAt = 0;
	/** Requests whose last reply broke off. */
	readonly #broken = new Set<string>();

	/** The route of one exchange, primary first. `fits` says whether a target can take the conversation. */
	route(targets: readonly [Target, ...Target[]], fits: (target: Target) => boolean): Route {
		const active = performance.now() < this.#returnAt ? targets[this.#active] : undefined;
		let position = active && fits(active) ? this.#active : 0;
		const findNext = () => targets.findIndex((target, index) => index > position && fits(target));
		const next = ({ retryAfter }: Failure) => {
			const found = findNext();
			if (found < 0) return undefined;
			position = found;
			this.#active = found;
			this.#returnAt = performance.now() + (retryAfter === undefined ? FALLBACK_HOLD_MS : retryAfter * 1000);
			return targets[found];
		};
		return {
			current: () => targets[position] ?? targets[0],
			hasNext: () => findNext() >= 0,
			next,
			brokeOff: (request, failure) => {
				if (this.#broken.delete(request)) next(failure);
				else this.#remember(request);
			},
		};
	}

	#remember(request: string): void {
		this.#broken.add(request);
		const [oldest] = this.#broken;
		if (this.#broken.size > MAX_BROKEN && oldest !== undefined) this.#broken.delete(oldest);
	}
}
