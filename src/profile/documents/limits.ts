import { statSync } from "node:fs";
import { readText } from "../../platform/read-text.ts";
import { EXIT, errorCode, UserError } from "../../platform/user-error.ts";

/** Size of a config file. The largest built-in profile has 8 kB. */
export const MAX_FILE_BYTES = 1_000_000;
/** Levels of a config file. A profile needs eight. The YAML parser takes 19 s and 4 GB for 100,000. */
export const MAX_DEPTH = 100;

/**
 * Reads a config file. Throws a `UserError` for one that cannot be read, is not a regular file (reading `/dev/zero` never
 * ends) or is too large. Synchronous: the files are small and nothing else runs yet.
 */
export function readConfigText(file: string): string {
	try {
		assertReadable(file);
		return readText(file);
	} catch (error) {
		if (error instanceof UserError) throw error;
		throw new UserError(`${file} cannot be read (${errorCode(error) ?? "unreadable"})`, {
			hint: "check the path; `cc-any profiles` lists what can be chosen by name",
			exitCode: EXIT.config,
		});
	}
}

/** Throws a `UserError` for a file that is too large, or that is neither a file nor a folder. */
export function assertReadable(file: string): void {
	const stats = statSync(file);
	if (stats.isDirectory()) return;
	if (!stats.isFile()) throw unusable(`${file} is not a regular file`);
	if (stats.size > MAX_FILE_BYTES)
		throw unusable(`${file} has ${stats.size} bytes; a config file has at most ${MAX_FILE_BYTES}`);
}

/** Line starts of YAML that open many levels at once: `- - - -`, or deep indentation. */
const DEEP_LINE = /^(?:[ \t]*[-?:][ \t]){100}|^[ \t]{400}/m;

/** Throws a `UserError` for text that is nested too deeply, before a parser recurses into it. */
export function assertShallow(text: string, file: string): void {
	let depth = 0;
	for (const character of text) {
		if (character === "[" || character === "{") depth++;
		else if (character === "]" || character === "}") depth = Math.max(0, depth - 1);
		if (depth > MAX_DEPTH) throw tooDeep(file);
	}
	if (DEEP_LINE.test(text)) throw tooDeep(file);
}

/** Throws a `UserError` for a parsed value that is nested too deeply, as `&a [*a]` and a TOML key of 1,000 parts are. */
export function assertShallowValue(value: unknown, file: string, depth = 0): void {
	if (typeof value !== "object" || value === null) return;
	if (depth > MAX_DEPTH) throw tooDeep(file);
	for (const item of Object.values(value)) assertShallowValue(item, file, depth + 1);
}

function tooDeep(file: string): UserError {
	return unusable(`${file} is nested more than ${MAX_DEPTH} levels deep, or refers to itself`);
}

function unusable(message: string): UserError {
	return new UserError(message, { hint: "correct the file and try again", exitCode: EXIT.config });
}
