import { ESCAPE, printable, printableJson } from "../../platform/printable.ts";
import { withoutSecrets } from "../../platform/secrets.ts";
import { STYLE_CODE, style } from "./style.ts";

/** Where a command's output goes. Tests pass their own. */
export interface CommandOutput {
	/** Data, to stdout. */
	write(text: string): void;
	/** Messages for people, to stderr. */
	tell(text: string): void;
}

// No other file writes to stdout or stderr: what comes from a provider, a project's file or a record passes here.

/** Prints data on stdout. */
export function print(text: string): void {
	process.stdout.write(shown(text));
}

/** Prints a value as JSON on stdout. */
export function printJson(value: unknown, indent?: number): void {
	process.stdout.write(`${withoutSecrets(printableJson(value, indent))}\n`);
}

/** Prints a message for people on stderr. */
export function tell(text: string): void {
	process.stderr.write(shown(text));
}

/** Prints one line of information on stderr, before or after claude has the terminal. */
export function warn(text: string): void {
	tell(`${style.warning("cc-any:")} ${text}\n`);
}

/** Replaces the last line of stderr, which is a terminal. */
export function tellProgress(text: string): void {
	process.stderr.write(`\r${ESCAPE}[K${shown(text)}`);
}

/** The output of this process. */
export function processOutput(): CommandOutput {
	return { write: print, tell };
}

/** The text without secrets, with our own styles and no other escape sequence. */
function shown(text: string): string {
	return withoutSecrets(text)
		.split(STYLE_CODE)
		.map((part, index) => (index % 2 === 1 ? part : printable(part)))
		.join("");
}
