/**
 * A synchronous state machine that takes items and emits items.
 *
 * `push` is called for every item in order, `end` exactly once when the input is complete. A stage never waits, never
 * reads a clock and never touches a socket, so a test is a list in and a list out. A stage throws when its input is
 * invalid.
 */
export interface Sink<In> {
	push(item: In): void;
	end(): void;
}

export type Emit<Out> = (item: Out) => void;

/** Creates an instance of a stage for one input. It emits to `next`, and ends it in its own `end`. */
export type Stage<In, Out> = (next: Sink<Out>) => Sink<In>;

/** Combines stages. The first in the list gets an item first. */
export function chain<T>(stages: readonly Stage<T, T>[]): Stage<T, T> {
	return (next) => stages.reduceRight<Sink<T>>((sink, stage) => stage(sink), next);
}

/** A sink that calls the functions. */
export function sink<T>(push: Emit<T>, end: () => void = () => {}): Sink<T> {
	return { push, end };
}

/** Runs a list through a stage and returns the output. */
export function runStage<In, Out>(stage: Stage<In, Out>, items: Iterable<In>): Out[] {
	const out: Out[] = [];
	const input = stage(sink((item) => out.push(item)));
	for (const item of items) input.push(item);
	input.end();
	return out;
}
