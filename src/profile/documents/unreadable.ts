import { EXIT, UserError } from "../../platform/user-error.ts";

/** The error for text that does not parse. */
export function unreadable(message: string): UserError {
	return new UserError(message, { hint: "correct the file and try again", exitCode: EXIT.config });
}
