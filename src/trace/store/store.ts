import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { replaceFile } from "../../platform/atomic-write.ts";
import { tryParseJson } from "../../platform/json.ts";
import { replyFormat } from "../../protocol/sse-frames.ts";
import type { CapturedAttempt, CapturedExchange } from "../record/capture.ts";
import { redactPacked } from "../record/packed-events.ts";
import type { Redactor } from "../record/redact.ts";
import { redactedJson, redactSequence, redactStream } from "../record/redact-sequence.ts";
import { packArchive } from "./archive.ts";
import { BlobWriter, FAST } from "./blobs.ts";

/** Headers of a reply that are never written. */
const PRIVATE_HEADERS = new Set(["set-cookie", "authorization", "proxy-authorization", "x-api-key"]);

/**
 * The full trace of one session: an archive per exchange with the files of a test fixture, their large parts shared.
 * An archive is written after its exchange and renamed when it is complete, so that a killed process loses at most the
 * exchanges in flight. Nothing is written that the redactor recognises as a secret. Runs in a worker thread, and so uses
 * synchronous file access.
 */
export class TraceStore {
	readonly #folder: string;
	readonly #redactor: Redactor;
	readonly #blobs: BlobWriter;

	constructor(parent: string, session: string, redactor: Redactor) {
		this.#folder = join(parent, session);
		this.#redactor = redactor;
		this.#blobs = new BlobWriter(join(this.#folder, "parts"), redactor);
	}

	async save({ record, request, betas, attempts }: CapturedExchange): Promise<void> {
		const files = new Map<string, Buffer>();
		files.set("record.json", this.#json(record));
		files.set("request.json", this.#clean(this.#blobs.write(request)));
		for (const [index, attempt] of attempts.entries()) {
			const isLast = index === attempts.length - 1;
			this.#addAttempt(files, isLast ? "" : `attempt-${index + 1}/`, attempt, betas);
		}
		mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
		const name = archiveName(record.number);
		const draft = join(this.#folder, `.${name}`);
		writeFileSync(draft, gzipSync(await packArchive(files), FAST), { mode: 0o600 });
		replaceFile(draft, join(this.#folder, name));
	}

	#addAttempt(
		files: Map<string, Buffer>,
		place: string,
		{ target, outgoing, inputs, head, failure, reply, ...attempt }: CapturedAttempt,
		betas: readonly string[],
	): void {
		const add = (name: string, content: Buffer) => files.set(`${place}${name}`, content);
		const answer = head ?? failure;
		add("target.json", this.#json({ ...target, betas }));
		add("inputs.json", this.#json(inputs));
		add("upstream-request.json", this.#clean(this.#outgoingFile(outgoing)));
		if (answer) add("upstream.head.json", this.#json(headFile(answer)));
		if (reply.length > 0) this.#addReply(files, place, Buffer.from(reply.buffer));
		if (failure) add("upstream-failure.txt", this.#clean(failure.body));
		add("frames.json", this.#json({ reads: attempt.reads, events: attempt.eventReads }));
		add("events.packed.json", this.#clean(JSON.stringify(redactPacked(attempt.events, this.#redactor))));
	}

	#addReply(files: Map<string, Buffer>, place: string, bytes: Buffer): void {
		if (replyFormat(bytes) === "json") files.set(`${place}upstream.json`, this.#jsonReply(bytes.toString("utf8")));
		else files.set(`${place}upstream.sse`, redactStream(bytes, this.#redactor));
	}

	#outgoingFile({ path, headers, body, toolNames }: CapturedAttempt["outgoing"]): string {
		const names = JSON.stringify(Object.fromEntries(toolNames));
		const start = `{"path":${JSON.stringify(path)},"headers":${JSON.stringify(headers)}`;
		return `${start},"toolNames":${names},"body":${this.#blobs.write(body)}}`;
	}

	/** A reply stays as it came if it has no secret. */
	#jsonReply(text: string): Buffer {
		const value = tryParseJson(text);
		const [kept] = redactSequence([value], this.#redactor);
		return this.#clean(kept === value ? text : JSON.stringify(kept));
	}

	#json(value: unknown): Buffer {
		return Buffer.from(redactedJson(value, this.#redactor));
	}

	#clean(text: string): Buffer {
		return Buffer.from(this.#redactor.text(text));
	}
}

/** File name of an exchange in the folder of its session. */
export function archiveName(number: number): string {
	return `${String(number).padStart(5, "0")}.tar.gz`;
}

function headFile({ status, headers }: NonNullable<CapturedAttempt["head"]>): object {
	const kept = Object.entries(headers).filter(([name]) => !PRIVATE_HEADERS.has(name));
	return { status, headers: Object.fromEntries(kept) };
}
