/** Exit codes of cc-any itself; claude's own codes pass through. Documented in the README. */
export const EXIT = {
	/** The command failed. */
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

/** The code of a failed system call, such as `ENOENT`; undefined for any other error. */
export function errorCode(error: unknown): string | undefined {
	const code = error instanceof Error && "code" in error ? error.code : undefined;
	return typeof code === "string" ? code : undefined;
}
