import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { processEnvironment } from "../../profile/environment.ts";
import { sessionsFolder } from "../../trace/session-id.ts";
import { findSession, sessionIds } from "../../trace/sessions.ts";
import { table } from "../../ui/table.ts";
import { exchangeRow } from "./lines.ts";

const INTERVAL = 250;

/** Prints the exchanges of a session as they end, until it is interrupted. Without a name: of the newest, and newer. */
export async function tailTrace(word: string | undefined): Promise<void> {
	const folder = sessionsFolder(processEnvironment());
	let current = word === undefined ? undefined : await findSession(folder, word);
	let file = current && new GrowingFile(join(folder, `${current}.jsonl`));
	for (;;) {
		const [newest] = word === undefined ? await sessionIds(folder) : [current];
		if (newest !== undefined && newest !== current) {
			current = newest;
			file = new GrowingFile(join(folder, `${newest}.jsonl`));
		}
		const lines = file ? await file.newLines() : [];
		for (const line of lines) {
			const entry = JSON.parse(line);
			if (entry.session) process.stderr.write(`session ${entry.session}, profile ${entry.profile}\n`);
			else process.stdout.write(table([exchangeRow(entry)]));
		}
		await delay(INTERVAL);
	}
}

/** Complete lines that were added since the last look. */
export class GrowingFile {
	readonly #path: string;
	#offset = 0;
	#rest = "";

	constructor(path: string) {
		this.#path = path;
	}

	async newLines(): Promise<string[]> {
		const { size } = await stat(this.#path);
		if (size <= this.#offset) return [];
		const bytes = Buffer.alloc(size - this.#offset);
		const file = await open(this.#path);
		try {
			await file.read(bytes, 0, bytes.length, this.#offset);
		} finally {
			await file.close();
		}
		this.#offset = size;
		const lines = (this.#rest + bytes.toString("utf8")).split("\n");
		this.#rest = lines.pop() ?? "";
		return lines;
	}
}
