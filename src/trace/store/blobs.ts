import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip, gzipSync } from "node:zlib";
import { replaceFile } from "../../platform/atomic-write.ts";
import type { Redactor } from "../record/redact.ts";
import { redactedJson } from "../record/redact-sequence.ts";

/** Level 6 takes three times as long and saves a tenth of the size. */
export const FAST = { level: 1 };
export const decompress = promisify<Buffer, Buffer>(gunzip);

/** Shorter parts stay in the body. Counted in JSON. */
const MIN_BLOB_CHARS = 256;
const FIELD = "$blob";

/** Stores the parts that many requests share, each once, under the hash of its content. */
export class BlobWriter {
	readonly #folder: string;
	readonly #redactor: Redactor;
	/** Hash of a part → hash of the part after redaction. */
	readonly #known = new Map<string, string>();
	#isReady = false;

	constructor(folder: string, redactor: Redactor) {
		this.#folder = folder;
		this.#redactor = redactor;
	}

	/** The body as JSON without secrets. Its large parts are written first, and replaced by references. */
	write(body: Record<string, unknown>): string {
		const fields: Record<string, unknown> = {};
		for (const [name, value] of Object.entries(body)) {
			fields[name] = Array.isArray(value) ? value.map((item) => this.#part(item)) : this.#part(value);
		}
		return redactedJson(fields, this.#redactor);
	}

	#part(value: unknown): unknown {
		const text = JSON.stringify(value);
		if (text === undefined || text.length < MIN_BLOB_CHARS) return value;
		const raw = hashOf(text);
		const known = this.#known.get(raw);
		if (known) return { [FIELD]: known };
		const kept = redactedJson(value, this.#redactor);
		const name = hashOf(kept);
		this.#store(name, kept);
		this.#known.set(raw, name);
		return { [FIELD]: name };
	}

	#store(name: string, text: string): void {
		if (!this.#isReady) mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
		this.#isReady = true;
		const draft = join(this.#folder, `${name}.part`);
		writeFileSync(draft, gzipSync(text, FAST), { mode: 0o600 });
		replaceFile(draft, join(this.#folder, `${name}.gz`));
	}
}

/** Replaces the references of a body by the parts. Throws when a part is missing or damaged. */
export async function restoreParts(body: unknown, folder: string): Promise<unknown> {
	if (typeof body !== "object" || body === null) return body;
	const fields: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(body)) {
		fields[name] = Array.isArray(value)
			? await Promise.all(value.map((item) => restorePart(item, folder)))
			: await restorePart(value, folder);
	}
	return fields;
}

async function restorePart(value: unknown, folder: string): Promise<unknown> {
	if (typeof value !== "object" || value === null || !(FIELD in value)) return value;
	const name = value[FIELD];
	if (typeof name !== "string" || !/^[0-9a-f]{64}$/.test(name)) return value;
	const text = (await decompress(await readFile(join(folder, `${name}.gz`)))).toString("utf8");
	if (hashOf(text) !== name) throw new Error(`the part ${name} of a trace is damaged`);
	return JSON.parse(text);
}

function hashOf(text: string): string {
	return createHash("sha256").update(text).digest("hex");
}
