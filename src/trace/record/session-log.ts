import { type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { excerpt } from "../../protocol/divergence.ts";
import { withoutQuotes } from "../explain/rules/index.ts";
import { prune } from "../store/prune.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import type { Redactor } from "./redact.ts";
import { redactedJson } from "./redact-sequence.ts";

/** First line of a session's light record. */
export interface SessionHead {
	session: string;
	/** Milliseconds since 1970. */
	startedAt: number;
	profile: string;
	version: string;
	/** Working directory of cc-any. */
	directory: string;
	/** Id of the process that writes the record. */
	pid: number;
	/** Whether there is a full trace too. */
	traced: boolean;
}

/** One write for several exchanges costs less than one for each. */
const WRITE_DELAY_MS = 250;

/** About 30,000 exchanges. */
const MAX_SESSION_BYTES = 32 * 1024 * 1024;

/**
 * The light record of one session: a JSON line per exchange, written after the exchange. The file is created with the
 * first exchange. A write failure ends the record, not the session; `close` returns it.
 */
export class SessionLog {
	readonly #folder: string;
	readonly #head: SessionHead;
	readonly #redactor: Redactor;
	#file: FileHandle | undefined;
	#size = 0;
	#pruned = false;
	/** Records that are written together after a delay. */
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
		this.#timer ??= setTimeout(() => this.#flush(), WRITE_DELAY_MS).unref();
	}

	#flush(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		// Not in #write itself: without waiting records it ends before its promise is assigned here, which would then stay.
		this.#writing ??= this.#write().finally(() => {
			this.#writing = undefined;
		});
	}

	/** Waits for everything that was appended. Returns why the record is incomplete; undefined when it is complete. */
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
				const file = this.#file ?? (await this.#create());
				const text = this.#waiting
					.splice(0)
					.map((record) => `${redactedJson(lightRecord(record), this.#redactor)}\n`)
					.join("");
				this.#size += text.length;
				if (this.#size > MAX_SESSION_BYTES)
					throw new Error(`the record of this session is larger than ${MAX_SESSION_BYTES} bytes`);
				await file.appendFile(text);
				if (!this.#pruned) await prune(this.#folder, this.#head.session);
				this.#pruned = true;
			}
		} catch (error) {
			// The first failure is the reason; nothing is tried again.
			this.#failure = error instanceof Error ? error : new Error(String(error));
			this.#waiting = [];
		}
	}

	async #create(): Promise<FileHandle> {
		await mkdir(this.#folder, { recursive: true, mode: 0o700 });
		this.#file = await open(join(this.#folder, `${this.#head.session}.jsonl`), "ax", 0o600);
		await this.#file.appendFile(`${JSON.stringify(this.#head)}\n`);
		return this.#file;
	}
}

/** The record without words that may quote the conversation. A provider's error texts, which may be long, are shortened. */
export function lightRecord(record: ExchangeRecord): ExchangeRecord {
	const divergences = record.divergences
		.map(withoutQuotes)
		.map((divergence) => ({ ...divergence, seen: excerpt(divergence.seen), done: excerpt(divergence.done) }));
	return { ...record, divergences, ...(record.failure !== undefined && { failure: excerpt(record.failure) }) };
}
