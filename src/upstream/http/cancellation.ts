/** What a request needs of the one who may call it off: an `AbortSignal`, or a `Cancellation`. */
export interface Cancellable {
	readonly aborted: boolean;
	readonly reason: unknown;
	addEventListener(type: "abort", listener: () => void): void;
	removeEventListener(type: "abort", listener: () => void): void;
}

/**
 * Calls off an exchange, or one attempt: of itself, or with the exchange it belongs to. An AbortController would do the
 * same, but every signal of Node's, and all that its listeners hold, lives until the next full collection, and making
 * one costs more than all the rest here (docs/performance.md).
 */
export class Cancellation implements Cancellable {
	aborted = false;
	reason: unknown;
	readonly #listeners = new Set<() => void>();
	readonly #parent: Cancellable | undefined;
	readonly #follow = () => this.abort(this.#parent?.reason);

	constructor(parent?: Cancellable) {
		this.#parent = parent;
		if (parent?.aborted) this.#follow();
		parent?.addEventListener("abort", this.#follow);
	}

	abort(reason: unknown = new Error("aborted")): void {
		if (this.aborted) return;
		this.aborted = true;
		this.reason = reason;
		for (const listener of this.#listeners) listener();
	}

	addEventListener(_type: "abort", listener: () => void): void {
		this.#listeners.add(listener);
	}

	removeEventListener(_type: "abort", listener: () => void): void {
		this.#listeners.delete(listener);
	}

	/** The attempt is over: the exchange forgets it. */
	end(): void {
		this.#parent?.removeEventListener("abort", this.#follow);
	}
}

/** Waits so many milliseconds; rejects when it is called off. */
export function pause(milliseconds: number, signal: Cancellable): Promise<void> {
	return new Promise((resolve, reject) => {
		const stop = () => {
			clearTimeout(timer);
			signal.removeEventListener("abort", callOff);
		};
		const callOff = () => {
			stop();
			reject(signal.reason);
		};
		const timer = setTimeout(() => {
			stop();
			resolve();
		}, milliseconds).unref();
		if (signal.aborted) callOff();
		else signal.addEventListener("abort", callOff);
	});
}
