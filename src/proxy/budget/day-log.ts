import { appendFileSync, closeSync, fstatSync, mkdirSync, openSync, readdirSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isObject, tryParseJson } from "../../platform/json.ts";

/** What was used. */
export interface Spending {
	dollars: number;
	tokens: number;
}

const PRIVATE_MODE = 0o600;
const KEPT_DAYS = 31;

/**
 * What a profile has used today, in this process and in others: one line for each reply in a file of the day. A short
 * line is appended in one step, so several processes need no lock.
 */
export class DayLog {
	readonly #folder: string | undefined;
	readonly #profile: string;
	readonly #own = new Map<string, Spending>();
	/** The file of the day as far as it was read: requests read only what was appended since. */
	#read = { file: "", bytes: 0, sum: { dollars: 0, tokens: 0 } };

	/** Without a folder, only this process counts. */
	constructor(folder: string | undefined, profile: string) {
		this.#folder = folder;
		this.#profile = profile;
	}

	/** Throws if the disk does not take it; it is counted in this process all the same. */
	add({ dollars, tokens }: Spending, now: Date): void {
		const day = dayOf(now);
		const own = this.#own.get(day) ?? { dollars: 0, tokens: 0 };
		this.#own.set(day, { dollars: own.dollars + dollars, tokens: own.tokens + tokens });
		if (this.#folder === undefined) return;
		mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
		const line = `${JSON.stringify({ profile: this.#profile, dollars, tokens })}\n`;
		appendFileSync(join(this.#folder, `${day}.jsonl`), line, { mode: PRIVATE_MODE });
		removeOld(this.#folder);
	}

	/** At least what this process has used, also if the file is damaged or gone. */
	total(now: Date): Spending {
		const day = dayOf(now);
		const own = this.#own.get(day) ?? { dollars: 0, tokens: 0 };
		const written = this.#folder === undefined ? own : this.#written(join(this.#folder, `${day}.jsonl`));
		return { dollars: Math.max(own.dollars, written.dollars), tokens: Math.max(own.tokens, written.tokens) };
	}

	#written(file: string): Spending {
		if (file !== this.#read.file) this.#read = { file, bytes: 0, sum: { dollars: 0, tokens: 0 } };
		const { bytes, sum } = this.#read;
		const added = bytesFrom(file, bytes);
		if (!added) {
			this.#read.file = "";
			return bytes === 0 ? sum : this.#written(file);
		}
		// Another process may be writing the last line.
		const complete = added.subarray(0, added.lastIndexOf("\n") + 1);
		this.#read.bytes += complete.length;
		for (const line of complete.toString("utf8").split("\n")) {
			const entry = tryParseJson(line);
			if (!isObject(entry) || entry["profile"] !== this.#profile) continue;
			sum.dollars += amount(entry["dollars"]);
			sum.tokens += amount(entry["tokens"]);
		}
		return sum;
	}
}

/** The local day: `2026-11-29`. */
function dayOf(date: Date): string {
	const two = (value: number) => String(value).padStart(2, "0");
	return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** What the file holds from there on. Undefined if nothing was used today, the file is shorter, or it cannot be read. */
function bytesFrom(file: string, from: number): Buffer | undefined {
	try {
		const descriptor = openSync(file, "r");
		try {
			const bytes = Buffer.alloc(fstatSync(descriptor).size - from);
			return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, from));
		} finally {
			closeSync(descriptor);
		}
	} catch {
		return undefined; // a negative length included
	}
}

function amount(value: unknown): number {
	return typeof value === "number" && value > 0 ? value : 0;
}

function removeOld(folder: string): void {
	const days = readdirSync(folder).filter((name) => /^\d{4}-\d\d-\d\d\.jsonl$/.test(name));
	for (const name of days.sort().slice(0, -KEPT_DAYS)) rmSync(join(folder, name), { force: true });
}
