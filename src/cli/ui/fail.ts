import { EXIT, errorCode, UserError } from "../../platform/user-error.ts";
import { tell } from "./output.ts";
import { style } from "./style.ts";

/** Prints an error to stderr and sets the exit code. No other code prints errors. */
export function fail(thrown: unknown): void {
	const error = refusedBySystem(thrown) ?? thrown;
	if (error instanceof UserError) {
		tellError(error);
		process.exitCode = error.exitCode;
		return;
	}
	const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
	tell(`${style.error("error:")} cc-any failed unexpectedly: ${text}\n`);
	process.exitCode = EXIT.failure;
}

/** On Windows, EPERM and EACCES are also the answer for a file that is in use. */
const NOT_PERMITTED =
	process.platform === "win32"
		? "another program may have it open: close it and try again; or check who may read and write it: icacls"
		: "check who may read and write it: ls -l";

/** Prints an error after which the command goes on, such as a question that is asked again. */
export function tellError({ message, hint }: UserError): void {
	tell(`${style.error("error:")} ${message}\n`);
	if (hint) tell(`\n${style.hint("hint:")} ${hint}\n`);
}

/** What to do about errors of the system that no code of ours can prevent. */
const SYSTEM_HINTS: Readonly<Record<string, string>> = {
	EACCES: NOT_PERMITTED,
	EPERM: NOT_PERMITTED,
	EBUSY: "another program has it open: close it and try again",
	EROFS: "it is on a read-only file system: name another place",
	ENOSPC: "the disk is full: free some space",
	EDQUOT: "the disk quota is used up: free some space",
	ENOTDIR: "a part of its path is a file",
	EISDIR: "it is a folder",
	EMFILE: "too many files are open: raise the limit with ulimit -n",
	// Also the answer of `mkdir` with `recursive` on a read-only file system.
	ENOENT: "it was removed meanwhile, or its file system is read-only: try again, or name another place",
};

function refusedBySystem(error: unknown): UserError | undefined {
	const isFolderGone = error instanceof Error && error.message.includes("uv_cwd");
	const hint = isFolderGone
		? "the current folder was removed: change to another one"
		: SYSTEM_HINTS[errorCode(error) ?? ""];
	if (!(error instanceof Error) || hint === undefined) return undefined;
	// `EACCES: permission denied, open '/home/x/.config/cc-any/config.yaml'`
	return new UserError(error.message, { hint, exitCode: EXIT.failure, cause: error });
}

/**
 * Exits when stdout cannot be written: silently when its reader has closed it, as `head` does, with the reason when the disk
 * is full. For commands that only print.
 */
export function exitWithReader(): void {
	process.stdout.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code === "EPIPE") process.exit();
		fail(new UserError(`the output cannot be written: ${error.message}`, { exitCode: EXIT.failure }));
		process.exit();
	});
}
