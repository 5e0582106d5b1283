/**
 * A stage of the line: a synchronous state machine that takes items and emits items.
 *
 * `push` is called for every item in order, `end` exactly once when the input is complete. A stage never waits, never
 * reads a clock and never touches a socket, so a test is a list in and a list out. A stage reports a failure of its
 * input by throwing; the exchange catches it at one place.
 */
export interface Sink<In> {
	push(item: In): void;
	end(): void;
}

export type Emit<Out> = (item: Out) => void;

/** Makes one run of a stage. Everything emitted goes to `next`, which the stage must end from its own `end`. */
export type Stage<In, Out> = (next: Sink<Out>) => Sink<In>;

/** Joins stages of one type into one; the first in the list sees the item first. */
export function chain<T>(stages: readonly Stage<T, T>[]): Stage<T, T> {
	return (next) => stages.reduceRight<Sink<T>>((sink, stage) => stage(sink), next);
}

/** The end of a line: calls `push` for each item, and `end` when the line has ended. */
export function sink<T>(push: Emit<T>, end: () => void = () => {}): Sink<T> {
	return { push, end };
}

/** Runs a whole list through a stage and returns what came out. */
export function runStage<In, Out>(stage: Stage<In, Out>, items: Iterable<In>): Out[] {
	const out: Out[] = [];
	const line = stage(sink((item) => out.push(item)));
	for (const item of items) line.push(item);
	line.end();
	return out;
}
