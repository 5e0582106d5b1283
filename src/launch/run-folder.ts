import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { userShell } from "../platform/shell.ts";
import { EXIT, errorCode, UserError } from "../platform/user-error.ts";
import type { Settings } from "./settings.ts";

/** A temporary folder for one run, private to the user. It is removed by `remove`, at the latest at exit. */
export interface RunFolder {
	path: string;
	remove(): void;
}

/** The variable that names the temporary folder. */
const TEMP_VARIABLE = process.platform === "win32" ? "TEMP" : "TMPDIR";

/** `cc-any-run-PID-XXXXXX`. */
const RUN_FOLDER = /^cc-any-run-(\d{1,10})-/;

/**
 * Makes the folder, and removes those of runs that were killed before they could. Throws a `UserError` for a temporary
 * folder that cannot be written.
 */
export function makeRunFolder(): RunFolder {
	removeOrphans();
	const path = written(() => mkdtempSync(join(tmpdir(), `cc-any-run-${process.pid}-`)));
	const remove = (): void => {
		process.removeListener("exit", remove);
		try {
			rmSync(path, { recursive: true, force: true, maxRetries: 3 });
		} catch {
			// On Windows a program that claude has started may still have a file open. The next run removes the folder.
		}
	};
	process.once("exit", remove);
	return { path, remove };
}

/** Writes the settings into the folder, readable only by the user; returns the path. Throws a `UserError`. */
export function writeSettingsFile(settings: Settings, folder: string): string {
	return writeRunFile(folder, "settings.json", `${JSON.stringify(settings, null, "\t")}\n`, 0o600);
}

/** Writes a file that exists as long as the run; returns its path. Throws a `UserError`. */
export function writeRunFile(folder: string, name: string, text: string, mode: number): string {
	const path = join(folder, name);
	written(() => writeFileSync(path, text, { mode, flag: "wx" }));
	return path;
}

function written<T>(write: () => T): T {
	try {
		return write();
	} catch (error) {
		throw new UserError(`the files of this run cannot be written below ${tmpdir()} (${errorCode(error) ?? error})`, {
			hint: `free some space there, or name another folder: ${userShell.set(TEMP_VARIABLE, "FOLDER")}`,
			exitCode: EXIT.failure,
			cause: error,
		});
	}
}

function removeOrphans(): void {
	try {
		for (const name of readdirSync(tmpdir())) {
			const pid = RUN_FOLDER.exec(name)?.[1];
			if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(tmpdir(), name), { recursive: true, force: true });
		}
	} catch {
		// A folder of another user, or a temporary folder that cannot be listed: nothing depends on it.
	}
}

function isRunning(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch (error) {
		return errorCode(error) === "EPERM";
	}
}
