import { setFlagsFromString } from "node:v8";

/** The newest V8 in which these flags were seen to work (Node 25). A V8 that no longer knows one would say so on stderr. */
const NEWEST_V8 = 14;
const version = Number.parseInt(process.versions.v8, 10);

/** V8 reads the first whenever the space would grow, the next two whenever a collection of young objects begins. */
const SMALL = ["--semi-space-growth-factor=1"];
const ALONE = ["--no-parallel-scavenge", "--no-concurrent-array-buffer-sweeping"];
/** Bytes of bytecode that a function runs between two looks at it; after three or more it is compiled for good. V8: 67,584. */
const SOON = ["--interrupt-budget=4000"];
/** Node 22 and later have a compiler in between, and count calls instead. */
const HAS_BUDGET = version < 12;

/** A process that has served so many exchanges will serve as many again, as a rule. */
const LONG_LIVED = 1000;

let exchanges = 0;

/**
 * Keeps the space in which V8 makes new objects from growing on. Long requests let it grow to 32 MB, which stay resident
 * and bring nothing: hardly anything of an exchange outlives it (docs/performance.md). `--max-semi-space-size` is read at
 * the start of a process only. To be called with the first long request.
 */
export function keepYoungGenerationSmall(): void {
	choose(SMALL);
}

/**
 * Fits V8 to what the process turns out to be; to be called when an exchange has ended (docs/performance.md).
 *
 * From the first on, young objects are collected without other threads: what survives an exchange is too little to be
 * shared, and waking them costs a small request 5 to 9 %. Not before: what was compiled with other flags is not taken
 * from Node's or our own store, so that modules read later would be compiled again.
 *
 * From the thousandth on, functions are compiled for good sooner: most run once a request, and would wait for thousands of
 * them. Not before: in a short session that costs more than it brings.
 */
export function fitToExchanges(): void {
	exchanges++;
	if (exchanges === 1) choose(ALONE);
	if (exchanges === LONG_LIVED && HAS_BUDGET) choose(SOON);
}

function choose(flags: readonly string[]): void {
	if (version > NEWEST_V8) return;
	for (const flag of flags) setFlagsFromString(flag);
}
