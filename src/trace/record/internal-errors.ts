import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Redactor } from "./redact.ts";
import type { SessionHead } from "./session-log.ts";

/** One that repeats with a timer must not fill the disk. */
const MAX_WRITTEN = 100;

/**
 * Errors in code of cc-any that nothing caught: a file in the session's folder, without secrets, that can be sent with a
 * report as it is.
 */
export class InternalErrors {
	readonly file: string;
	readonly #folder: string;
	readonly #head: SessionHead;
	readonly #redactor: Redactor;
	/** All of them, also those that were not written. */
	count = 0;

	constructor(folder: string, head: SessionHead, redactor: Redactor) {
		this.#folder = join(folder, head.session);
		this.file = join(this.#folder, "internal-errors.log");
		this.#head = head;
		this.#redactor = redactor;
	}

	/** Written at once: the process may not live long. Returns whether it was one of the first. Never throws. */
	add(error: unknown): boolean {
		this.count++;
		if (this.count > MAX_WRITTEN) return false;
		const { version } = this.#head;
		const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
		const about = `${new Date().toISOString()} cc-any ${version}, Node ${process.version}, ${process.platform}`;
		try {
			mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
			appendFileSync(this.file, this.#redactor.text(`${about}\n${text}\n\n`), { mode: 0o600 });
		} catch {
			// The disk may be full. The count is reported all the same.
		}
		return true;
	}
}
