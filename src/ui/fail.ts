import { style } from "./style.ts";

/** Exit codes of cc-any itself; claude's own codes pass through. Documented in the README. */
export const EXIT = {
	/** The command could not be carried out. */
	failure: 1,
	/** Bad usage: unknown option, missing value. */
	usage: 2,
	/** A profile, a config file or a key is missing or wrong. */
	config: 78,
	/** The claude program was not found. */
	claudeNotFound: 127,
} as const;

/**
 * An error that a person can act on: what failed, with which value, and the next command.
 * Thrown anywhere, printed only by `fail`.
 */
export class UserError extends Error {
	override name = "UserError";
	readonly hint: string | undefined;
	readonly exitCode: number;

	constructor(message: string, options: { hint?: string; exitCode?: number; cause?: unknown } = {}) {
		super(message, { cause: options.cause });
		this.hint = options.hint;
		this.exitCode = options.exitCode ?? EXIT.failure;
	}
}

/** Prints an error to stderr and sets the exit code. The only place that does. */
export function fail(error: unknown): void {
	if (error instanceof UserError) {
		process.stderr.write(`${style.error("error:")} ${error.message}\n`);
		if (error.hint) process.stderr.write(`\n${style.hint("hint:")} ${error.hint}\n`);
		process.exitCode = error.exitCode;
		return;
	}
	const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
	process.stderr.write(`${style.error("error:")} cc-any failed unexpectedly: ${text}\n`);
	process.exitCode = EXIT.failure;
}
