import { setFlagsFromString } from "node:v8";

/** The newest V8 in which the flag was seen to work (Node 25). A V8 that no longer knows it would say so on stderr. */
const NEWEST_V8 = 14;

/**
 * Keeps the space in which V8 makes new objects from growing on. Long requests let it grow to 32 MB, which stay resident
 * and bring nothing: hardly anything of an exchange outlives it (docs/performance.md). `--max-semi-space-size` is read at
 * the start of a process only; this flag is read whenever the space would grow.
 */
export function keepYoungGenerationSmall(): void {
	if (Number.parseInt(process.versions.v8, 10) > NEWEST_V8) return;
	setFlagsFromString("--semi-space-growth-factor=1");
}
