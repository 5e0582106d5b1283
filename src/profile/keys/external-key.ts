import { resolve } from "node:path";
import { expandHome, homeFolder, type Variables } from "../../platform/paths.ts";
import { isProgramPath, startOf } from "../../platform/program.ts";
import { readText } from "../../platform/read-text.ts";
import { EXIT, errorCode, UserError } from "../../platform/user-error.ts";
import type { StringPlace } from "../documents/interpolate.ts";
import { splitArgs } from "./key-reference.ts";

/** Time limit of a key command: enough to unlock a password store by hand. */
const KEY_COMMAND_TIMEOUT_MS = 60_000;

/** Longest output of a key command. */
const MAX_OUTPUT_CHARS = 1 << 20;

/** What reading a key from a file or a command needs. */
export interface ExternalKeyContext extends StringPlace {
	variables: Variables;
	/** Folder that a relative path starts from, and that a command runs in. */
	folder: string;
	home?: string | undefined;
	/** Time limit of a command, instead of the default. */
	timeoutMs?: number | undefined;
}

/** How a command failed. */
interface FailedCommand {
	/** Of the system's error, such as `ENOENT`. */
	code?: string | undefined;
	exitCode?: number | undefined;
	signal?: string | undefined;
	timedOut: boolean;
}

/** Reads a key from a file. Throws a `UserError` when it cannot be read. */
export function readKeyFile(path: string, context: ExternalKeyContext): string {
	const file = resolve(context.folder, expandHome(path, context.home ?? homeFolder(context.variables)));
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
export async function runKeyCommand(commandLine: string, context: ExternalKeyContext): Promise<string> {
	const [program, ...args] = splitArgs(commandLine);
	if (!program) throw keyError(context, "command: names no program", "write `key: command:PROGRAM ARGUMENTS`");
	const timeout = context.timeoutMs ?? KEY_COMMAND_TIMEOUT_MS;
	const start = startOf(isProgramPath(program) ? resolve(context.folder, program) : program, args, context.variables);
	const { execa } = await import("execa");
	const result = await execa(start.file, start.args, {
		...start.options,
		cwd: context.folder,
		env: context.variables,
		extendEnv: false,
		timeout,
		maxBuffer: MAX_OUTPUT_CHARS,
		stripFinalNewline: false,
		reject: false,
	});
	if (!result.failed) return withoutLineEnd(result.stdout);
	const hint = "run the command by itself and check that it prints the key";
	throw keyError(context, `the key command ${program} ${describeExit(result, timeout)}`, hint);
}

function describeExit({ code, exitCode, signal, timedOut }: FailedCommand, timeoutMs: number): string {
	if (code === "ENOENT") return "was not found";
	if (timedOut) return `gave no key within ${timeoutMs / 1000} s`;
	return exitCode === undefined ? `failed (${code ?? signal})` : `ended with exit code ${exitCode}`;
}

/** Without the one line end that an editor or `echo` adds. */
function withoutLineEnd(text: string): string {
	return text.replace(/\r?\n$/, "");
}

/** The error about a key of a profile. `problem` must not quote the key. */
export function keyError(place: StringPlace, problem: string, hint: string): UserError {
	return new UserError(`profile ${place.profile}: ${place.field}: ${problem}`, { hint, exitCode: EXIT.config });
}
