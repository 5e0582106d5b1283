import { AsyncLocalStorage } from "node:async_hooks";

/** Fails the work on whose behalf code runs, also in its timers and listeners. */
const failCurrent = new AsyncLocalStorage<(error: unknown) => void>();

/** Does the work. Rejects, too, when one of its timers or listeners throws, which no promise would report. */
export function withUncaughtErrors<Result>(work: () => Promise<Result>): Promise<Result> {
	return new Promise((resolve, reject) => failCurrent.run(reject, () => work().then(resolve, reject)));
}

/** For a listener of `uncaughtException`: fails the work that the error belongs to, if there is one. */
export function failUncaught(error: unknown): void {
	failCurrent.getStore()?.(error);
}
