import { clockTime } from "../../platform/figures.ts";
import type { Target } from "../../profile/model/target.ts";
import type { Note } from "../../protocol/divergence.ts";
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
	/** The current target has answered. Says what changed with that for the user: a fallback took over, or its end. */
	answered(): FallbackChange | undefined;
}

/** The target that answers from now on; `seconds`: until the primary is tried again. */
export type FallbackChange =
	| { kind: "fallback"; target: Target; seconds: number }
	| { kind: "returned"; target: Target; from: Target };

/** Remembers which target of a primary's fallback chain is in use, and when the primary is tried again. */
export class FallbackState {
	#active = 0;
	#returnAt = 0;
	/** Requests whose last reply broke off. */
	readonly #broken = new Set<string>();
	/** The fallback that was announced to the user. */
	#away: Target | undefined;

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
			answered: () => this.#change(targets[position] ?? targets[0], position),
		};
	}

	#remember(request: string): void {
		this.#broken.add(request);
		const [oldest] = this.#broken;
		if (this.#broken.size > MAX_BROKEN && oldest !== undefined) this.#broken.delete(oldest);
	}

	#change(target: Target, position: number): FallbackChange | undefined {
		const seconds = (this.#returnAt - performance.now()) / 1000;
		const from = this.#away;
		if (position > 0) {
			if (from?.model === target.model && from.profile === target.profile) return undefined;
			this.#away = target;
			return { kind: "fallback", target, seconds: Math.max(0, seconds) };
		}
		// The primary may answer in between, if a conversation does not fit into the fallback.
		if (!from || seconds > 0) return undefined;
		this.#away = undefined;
		return { kind: "returned", target, from };
	}
}

/** Tells the user that a fallback has taken over, or that it has ended. */
export function tellChange(change: FallbackChange | undefined, note: Note, tell: (text: string) => void): void {
	if (!change) return;
	const name = `${change.target.profile}/${change.target.model}`;
	if (change.kind === "fallback") {
		tell(`fallback: ${name} answers, at least until ${clockTime(change.seconds)}`);
		return;
	}
	const seen = `${change.from.profile}/${change.from.model} answered until now`;
	note({ kind: "fallback-ended", where: "upstream", seen, done: `${name} answers again` });
	tell(`${name} answers again; the fallback has ended`);
}
