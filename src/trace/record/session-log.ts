import { type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { excerpt } from "../../protocol/divergence.ts";
import { withoutQuotes } from "../explain/rules/index.ts";
import { prune } from "../store/prune.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import type { Redactor } from "./redact.ts";

/** First line of a session's light record. */
export interface SessionHead {
	session: string;
	/** Milliseconds since 1970. */
	startedAt: number;
	profile: string;
	version: string;
	/** Folder in which cc-any was started. */
	directory: string;
	/** Process that writes it. */
	pid: number;
	/** Whether there is a full trace. */
	traced: boolean;
}

/** Milliseconds for which lines are gathered: one write for many exchanges costs less than one for each. */
const GATHER = 250;

/** Largest light record of one session, in bytes: about 30,000 exchanges. */
const SIZE_LIMIT = 32 * 1024 * 1024;

/**
 * The light record of one session: a JSON line per exchange, written behind the exchange and never in its way. The
 * file appears with the first exchange. A failure to write ends the record, not the session; `close` returns it.
 */
export class SessionLog {
	readonly #folder: string;
	readonly #head: SessionHead;
	readonly #redactor: Redactor;
	#file: FileHandle | undefined;
	#size = 0;
	#pruned = false;
	/** Written out when their time has come: many in a row cost a third of what each costs behind its exchange. */
	#waiting: ExchangeRecord[] = [];
	#writing: Promise<void> | undefined;
	#timer: NodeJS.Timeout | undefined;
	#failure: Error | undefined;

	constructor(folder: string, head: SessionHead, redactor: Redactor) {
		this.#folder = folder;
		this.#head = head;
		this.#redactor = redactor;
	}

	append(record: ExchangeRecord): void {
		if (this.#failure) return;
		this.#waiting.push(record);
		this.#timer ??= setTimeout(() => this.#flush(), GATHER).unref();
	}

	#flush(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		// Not in #write itself: where nothing waits, that ends before its promise is kept here, and would stay for ever.
		this.#writing ??= this.#write().finally(() => {
			this.#writing = undefined;
		});
	}

	/** Waits for everything that was appended; returns why the record is not complete, if it is not. */
	async close(): Promise<Error | undefined> {
		await this.#writing;
		if (this.#waiting.length > 0) this.#flush();
		await this.#writing;
		await this.#file?.close();
		return this.#failure;
	}

	async #write(): Promise<void> {
		try {
			while (this.#waiting.length > 0) {
				this.#file ??= await this.#create();
				const text = this.#waiting
					.splice(0)
					.map((record) => `${this.#redactor.text(JSON.stringify(lightRecord(record)))}\n`)
					.join("");
				this.#size += text.length;
				if (this.#size > SIZE_LIMIT) throw new Error(`the record of this session is larger than ${SIZE_LIMIT} bytes`);
				await this.#file.appendFile(text);
				if (!this.#pruned) await prune(this.#folder, this.#head.session);
				this.#pruned = true;
			}
		} catch (error) {
			this.#failure = error instanceof Error ? error : new Error(String(error));
		}
	}

	async #create(): Promise<FileHandle> {
		await mkdir(this.#folder, { recursive: true, mode: 0o700 });
		const file = await open(join(this.#folder, `${this.#head.session}.jsonl`), "ax", 0o600);
		await file.appendFile(`${JSON.stringify(this.#head)}\n`);
		return file;
	}
}

/** The record without what may quote the conversation; a provider's own words, which may be a page, are shortened. */
export function lightRecord(record: ExchangeRecord): ExchangeRecord {
	const divergences = record.divergences
		.map(withoutQuotes)
		.map((divergence) => ({ ...divergence, seen: excerpt(divergence.seen), done: excerpt(divergence.done) }));
	return { ...record, divergences, ...(record.failure !== undefined && { failure: excerpt(record.failure) }) };
}
