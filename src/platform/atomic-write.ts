import { chmodSync, existsSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { errorCode } from "./user-error.ts";

/** Permission bits of a file that only its user can read and write. */
const PRIVATE_MODE = 0o600;

/** What Windows answers while another process, a virus scanner for example, has the file open. */
const OPEN_ELSEWHERE = ["EPERM", "EACCES", "EBUSY"];

/** Pauses between the attempts to replace a file that is open, half a second together. */
const PAUSES_MS = [5, 10, 20, 40, 75, 100, 125, 125];

/**
 * Writes a file in one step: a reader sees the old content or the new, never a part. Missing folders are created,
 * private to the user. A symbolic link (to a config among dotfiles, say) stays one, and its target is replaced.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array, mode = PRIVATE_MODE): void {
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	const file = existsSync(path) ? realpathSync(path) : path;
	const draft = `${file}.${process.pid}`;
	try {
		writeFileSync(draft, content, { mode });
		chmodSync(draft, mode); // the umask, or a draft of an earlier crash, may have given it another mode
	} catch (error) {
		rmSync(draft, { force: true }); // the disk is full
		throw error;
	}
	replaceFile(draft, file);
}

/** Renames a finished draft to the file, which it replaces. Where that fails, the draft is removed. */
export function replaceFile(draft: string, file: string, platform: NodeJS.Platform = process.platform): void {
	const pauses = platform === "win32" ? PAUSES_MS.values() : [].values();
	for (;;) {
		try {
			renameSync(draft, file);
			return;
		} catch (error) {
			const pause = OPEN_ELSEWHERE.includes(errorCode(error) ?? "") ? pauses.next().value : undefined;
			if (pause === undefined) {
				rmSync(draft, { force: true });
				throw error;
			}
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
		}
	}
}
