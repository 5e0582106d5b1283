import { setTimeout as delay } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { type IPty, spawn } from "@lydell/node-pty";
import { until } from "./processes.ts";

const isWindows = process.platform === "win32";

/** A program in a pseudo-terminal, its screen as one stream of text without blanks. */
export class Terminal {
	readonly pid: number;
	/** Exit code and signal number. */
	readonly ended: Promise<{ exitCode: number; signal?: number | undefined }>;
	readonly #pty: IPty;
	readonly #startedAt = performance.now();
	/** What was printed, piece by piece, with its time since the start. */
	readonly printed: { atMs: number; text: string }[] = [];
	#output = "";
	#hasEnded = false;

	constructor(
		file: string,
		programArguments: string[],
		cwd: string,
		environment: Record<string, string>,
		size = { cols: 120, rows: 40 },
	) {
		this.#pty = spawn(file, programArguments, { cwd, env: environment, name: "xterm-256color", ...size });
		this.pid = this.#pty.pid;
		this.#pty.onData((data) => {
			this.#output += data;
			this.printed.push({ atMs: performance.now() - this.#startedAt, text: data });
		});
		this.ended = new Promise((resolve) => {
			this.#pty.onExit((end) => {
				this.#hasEnded = true;
				resolve(end);
			});
		});
	}

	/**
	 * Everything printed so far without escape sequences and blanks: a terminal program moves the cursor where a text
	 * would have a space.
	 */
	get text(): string {
		return stripVTControlCharacters(this.#output).replace(/\s/g, "");
	}

	/** The same, escape sequences included. */
	get raw(): string {
		return this.#output;
	}

	/** Waits for a text, or until it was drawn so many times. */
	async shows(expected: string, times = 1): Promise<void> {
		const text = expected.replace(/\s/g, "");
		await until(() => this.text.split(text).length > times || undefined);
	}

	get hasEnded(): boolean {
		return this.#hasEnded;
	}

	write(keys: string): void {
		this.#pty.write(keys);
	}

	/** Types a text letter by letter, as a person does. */
	async type(text: string, { delayMs }: { delayMs: number }): Promise<void> {
		for (const letter of text) {
			this.write(letter);
			await delay(delayMs);
		}
	}

	/** Presses a key until something has happened: a dialog ignores keys that come too soon after it opened. */
	async press(key: string, happened: () => boolean): Promise<void> {
		while (!happened()) {
			this.write(key);
			await delay(400);
		}
	}

	/** Closes the terminal's window. */
	hangUp(): void {
		this.#pty.kill(isWindows ? undefined : "SIGHUP");
	}

	kill(): void {
		this.#pty.kill(isWindows ? undefined : "SIGKILL");
	}
}
