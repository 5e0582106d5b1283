import { EXIT, UserError } from "../../platform/user-error.ts";
import { tell } from "./output.ts";
import { style } from "./style.ts";

/** Prints an error to stderr and sets the exit code. No other code prints errors. */
export function fail(error: unknown): void {
	if (error instanceof UserError) {
		tell(`${style.error("error:")} ${error.message}\n`);
		if (error.hint) tell(`\n${style.hint("hint:")} ${error.hint}\n`);
		process.exitCode = error.exitCode;
		return;
	}
	const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
	tell(`${style.error("error:")} cc-any failed unexpectedly: ${text}\n`);
	process.exitCode = EXIT.failure;
}
