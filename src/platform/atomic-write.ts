import { chmodSync, existsSync, mkdirSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Puts a file in the place of another in one step, for this user alone: nobody ever sees half of it. Folders on the way are
 * made; a link (of a config that lies among dotfiles) stays one, and what it leads to is replaced.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	const file = existsSync(path) ? realpathSync(path) : path;
	const draft = `${file}.${process.pid}`;
	writeFileSync(draft, content, { mode: 0o600 });
	chmodSync(draft, 0o600); // A draft that was left there keeps its mode otherwise.
	renameSync(draft, file);
}
