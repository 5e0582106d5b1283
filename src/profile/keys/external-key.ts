import { execFile } from "node:child_process";
import { isAbsolute, join, resolve } from "node:path";
import { homeFolder, type Variables } from "../../platform/paths.ts";
import { startOf } from "../../platform/program.ts";
import { readText } from "../../platform/read-text.ts";
import { EXIT, errorCode, UserError } from "../../platform/user-error.ts";
import type { StringPlace } from "../documents/interpolate.ts";
import { splitArgs } from "./key-reference.ts";

/** Time limit of a key command: enough to unlock a password store by hand. */
const KEY_COMMAND_TIMEOUT_MS = 60_000;

/** Longest output of a key command. */
const MAX_OUTPUT_BYTES = 1 << 20;

/** What reading a key from a file or a command needs. */
export interface ExternalKeyContext extends StringPlace {
	variables: Variables;
	/** Folder that a relative path starts from, and that a command runs in. */
	folder: string;
	home?: string | undefined;
	/** Time limit of a command, instead of the default. */
	timeoutMs?: number | undefined;
}

/** Reads a key from a file. Throws a `UserError` when it cannot be read. */
export function readKeyFile(path: string, context: ExternalKeyContext): string {
	const expanded = path.startsWith("~/") ? join(context.home ?? homeFolder(context.variables), path.slice(2)) : path;
	const file = isAbsolute(expanded) ? expanded : resolve(context.folder, expanded);
	try {
		return withoutLineEnd(readText(file));
	} catch (error) {
		const problem = `the key file ${file} cannot be read (${errorCode(error) ?? "unreadable"})`;
		throw keyError(context, problem, "check the path, and that you may read the file");
	}
}

/**
 * Runs a command, without a shell, whose output is the key. Throws a `UserError` when it fails, which never quotes the
 * output.
 */
export function runKeyCommand(commandLine: string, context: ExternalKeyContext): Promise<string> {
	const [program, ...args] = splitArgs(commandLine);
	if (!program) throw keyError(context, "command: names no program", "write `key: command:PROGRAM ARGUMENTS`");
	const timeout = context.timeoutMs ?? KEY_COMMAND_TIMEOUT_MS;
	const start = startOf(program, args, context.variables);
	const env = { ...context.variables };
	const options = { ...start.options, timeout, env, cwd: context.folder, maxBuffer: MAX_OUTPUT_BYTES };
	return new Promise((done, reject) => {
		execFile(start.file, start.args, options, (error, output) => {
			if (!error) return done(withoutLineEnd(output));
			const hint = "run the command by itself and check that it prints the key";
			reject(keyError(context, `the key command ${program} ${describeExit(error, timeout)}`, hint));
		});
	});
}

function describeExit(
	error: Error & { code?: unknown; killed?: boolean; signal?: unknown },
	timeoutMs: number,
): string {
	if (error.code === "ENOENT") return "was not found";
	if (error.killed && error.signal) return `gave no key within ${timeoutMs / 1000} s`;
	if (typeof error.code === "number") return `ended with exit code ${error.code}`;
	return `failed (${String(error.code ?? error.signal)})`;
}

/** Without the one line end that an editor or `echo` adds. */
function withoutLineEnd(text: string): string {
	return text.replace(/\r?\n$/, "");
}

/** The error about a key of a profile. `problem` must not quote the key. */
export function keyError(place: StringPlace, problem: string, hint: string): UserError {
	return new UserError(`profile ${place.profile}: ${place.field}: ${problem}`, { hint, exitCode: EXIT.config });
}
