import { chmodSync, existsSync, mkdirSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Permission bits of a file that only its user can read and write. */
const PRIVATE_MODE = 0o600;

/**
 * Writes a file in one step: a reader sees the old content or the new, never a part. Missing folders are created,
 * private to the user. A symbolic link (to a config among dotfiles, say) stays one, and its target is replaced.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array, mode = PRIVATE_MODE): void {
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	const file = existsSync(path) ? realpathSync(path) : path;
	const draft = `${file}.${process.pid}`;
	writeFileSync(draft, content, { mode });
	chmodSync(draft, mode); // the umask, or a draft of an earlier crash, may have given it another mode
	renameSync(draft, file);
}
