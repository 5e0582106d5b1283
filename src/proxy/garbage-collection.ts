import { setFlagsFromString } from "node:v8";

/** The newest V8 in which these flags were seen to work (Node 25). A V8 that no longer knows one would say so on stderr. */
const NEWEST_V8 = 14;
const isKnown = Number.parseInt(process.versions.v8, 10) <= NEWEST_V8;

/** V8 reads the first whenever the space would grow, the others whenever a collection of young objects begins. */
const SMALL = ["--semi-space-growth-factor=1"];
const ALONE = ["--no-parallel-scavenge", "--no-concurrent-array-buffer-sweeping"];

/** Set already: this process is asked once. */
const chosen = new Set<string>();

/**
 * Keeps the space in which V8 makes new objects from growing on. Long requests let it grow to 32 MB, which stay resident
 * and bring nothing: hardly anything of an exchange outlives it (docs/performance.md). `--max-semi-space-size` is read at
 * the start of a process only.
 */
export function keepYoungGenerationSmall(): void {
	choose(SMALL);
}

/**
 * Collects young objects without other threads: what survives an exchange is too little to be shared, and waking them
 * costs a small request 5 to 9 % (docs/performance.md). To be called when a first exchange has ended: what was compiled with
 * other flags is not taken from Node's or our own store, so that modules read later would be compiled again.
 */
export function collectYoungAlone(): void {
	choose(ALONE);
}

function choose(flags: readonly string[]): void {
	if (!isKnown) return;
	for (const flag of flags) {
		if (chosen.has(flag)) continue;
		chosen.add(flag);
		setFlagsFromString(flag);
	}
}
