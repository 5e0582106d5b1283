import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DEFAULT_QUIRKS } from "../profile/quirks.ts";
import type { Target } from "../profile/target.ts";
import { looksLikeJson } from "../upstream/looks-like-json.ts";
import { BlobWriter, compress } from "./blobs.ts";
import { Capture, type CapturedAttempt } from "./capture.ts";
import { packEvents, redactPacked } from "./packed-events.ts";
import type { Redactor } from "./redact.ts";
import { redactStream } from "./redact-sequence.ts";
import type { Recorder } from "./taps.ts";

/** Bytes of a disk block. */
const BLOCK = 4096;

/** Headers of a reply that are never kept. */
const PRIVATE_HEADERS = new Set(["set-cookie", "authorization", "proxy-authorization", "x-api-key"]);

/**
 * The full trace of one session: a folder per exchange with the files of a test fixture, compressed, their large parts
 * shared. Written after the exchange, into a folder that gets its name when it is complete, so that a kill loses at
 * most what was in flight. Nothing that a redactor takes for a secret is written.
 */
export class TraceStore {
	readonly recorder: Recorder;
	readonly #folder: string;
	readonly #redactor: Redactor;
	readonly #blobs: BlobWriter;
	#saving: Promise<void> = Promise.resolve();
	#failure: Error | undefined;

	constructor(parent: string, session: string, redactor: Redactor) {
		this.#folder = join(parent, session);
		this.#redactor = redactor;
		this.#blobs = new BlobWriter(join(this.#folder, "parts"), redactor);
		const save = (capture: Capture) => this.#enqueue(capture);
		this.recorder = { open: (record, request, betas) => new Capture(record, request, betas, save) };
	}

	/** Waits for what is to be written; returns the first failure. */
	async close(): Promise<Error | undefined> {
		await this.#saving;
		return this.#failure;
	}

	#enqueue(capture: Capture): void {
		this.#saving = this.#saving.then(async () => {
			try {
				await this.#save(capture);
			} catch (error) {
				this.#failure ??= error instanceof Error ? error : new Error(String(error));
			}
		});
	}

	async #save(capture: Capture): Promise<void> {
		const { record, request, betas, attempts } = capture;
		const name = exchangeName(record.number);
		const draft = join(this.#folder, `.${name}`);
		await rm(draft, { recursive: true, force: true });
		await mkdir(draft, { recursive: true, mode: 0o700 });
		await Promise.all([
			this.#write(draft, "record.json", JSON.stringify(record)),
			this.#blobs.write(request).then((text) => this.#write(draft, "request.json", text)),
			...attempts.map((attempt, index) => {
				const isLast = index === attempts.length - 1;
				return this.#writeAttempt(isLast ? draft : join(draft, `attempt-${index + 1}`), attempt, betas);
			}),
		]);
		await rename(draft, join(this.#folder, name));
	}

	async #writeAttempt(place: string, attempt: CapturedAttempt, betas: readonly string[]): Promise<void> {
		const { target, outgoing, reads, failure, events } = attempt;
		const head = attempt.head ?? failure;
		const packed = redactPacked(packEvents(events), this.#redactor);
		await mkdir(place, { recursive: true, mode: 0o700 });
		await Promise.all([
			this.#write(place, "target.json", JSON.stringify({ ...targetFile(target), betas })),
			this.#outgoingFile(outgoing).then((text) => this.#write(place, "upstream-request.json", text)),
			head && this.#write(place, "upstream.head.json", JSON.stringify(headFile(head))),
			reads.length > 0 && this.#writeReply(place, reads),
			failure && this.#write(place, "upstream-failure.txt", failure.body),
			this.#write(place, "frames.json", JSON.stringify(framesFile(attempt))),
			this.#write(place, "events.packed.json", JSON.stringify(packed)),
		]);
	}

	async #outgoingFile({ path, headers, body, toolNames }: CapturedAttempt["outgoing"]): Promise<string> {
		const names = JSON.stringify(Object.fromEntries(toolNames));
		const start = `{"path":${JSON.stringify(path)},"headers":${JSON.stringify(headers)}`;
		return `${start},"toolNames":${names},"body":${await this.#blobs.write(body)}}`;
	}

	async #writeReply(place: string, reads: readonly Uint8Array[]): Promise<void> {
		const bytes = Buffer.concat(reads);
		if (looksLikeJson(bytes)) await this.#write(place, "upstream.json", bytes.toString("utf8"));
		else await this.#writeRaw(place, "upstream.sse", redactStream(bytes, this.#redactor));
	}

	async #write(place: string, name: string, text: string): Promise<void> {
		await this.#writeRaw(place, name, this.#redactor.text(text));
	}

	/** Compressed where that saves a disk block: setting the compressor up costs more than a small file. */
	async #writeRaw(place: string, name: string, content: string | Buffer): Promise<void> {
		if (content.length < BLOCK) await writeFile(join(place, name), content, { mode: 0o600 });
		else await writeFile(join(place, `${name}.gz`), await compress(content), { mode: 0o600 });
	}
}

/** Folder of an exchange inside its session. */
export function exchangeName(number: number): string {
	return String(number).padStart(5, "0");
}

/** What a fixture needs of a target. Key, auth and headers stay away. */
function targetFile(target: Target): object {
	const { key: _key, auth: _auth, headers: _headers, baseUrl: _url, alternatives: _others, quirks, ...rest } = target;
	const isOwn = ([name, value]: [string, unknown]) =>
		JSON.stringify(value) !== JSON.stringify(DEFAULT_QUIRKS[name as keyof typeof DEFAULT_QUIRKS]);
	return { ...rest, quirks: Object.fromEntries(Object.entries(quirks).filter(isOwn)) };
}

function headFile({ status, headers }: NonNullable<CapturedAttempt["head"]>): object {
	const kept = Object.entries(headers).filter(([name]) => !PRIVATE_HEADERS.has(name));
	return { status, headers: Object.fromEntries(kept) };
}

/** Time and size of each read, and the read that each event came from. */
function framesFile({ reads, times, eventReads }: CapturedAttempt): object {
	return { reads: reads.map((bytes, index) => [times[index], bytes.length]), events: eventReads };
}
