import { existsSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { GrowingFile } from "../../platform/growing-file.ts";
import { SESSION_ID } from "../record/session-id.ts";
import { sessionIds } from "../store/sessions.ts";

const POLL_INTERVAL_MS = 300;

interface Subscriber {
	response: ServerResponse;
	file: GrowingFile | undefined;
	/** Sessions that the page knows. */
	sessions: Set<string>;
}

/** Sends new records to open pages as server-sent events: `exchanges`, and `sessions` for new sessions. */
export class LiveFeed {
	readonly #folder: string;
	readonly #subscribers = new Set<Subscriber>();
	#timer: NodeJS.Timeout | undefined;
	#polling: Promise<void> = Promise.resolve();

	constructor(folder: string) {
		this.#folder = folder;
	}

	/** Keeps the response open and sends every exchange of the session, beginning with the existing ones. */
	async subscribe(response: ServerResponse, session: string | null, headers: Record<string, string>): Promise<void> {
		const path = session && SESSION_ID.test(session) ? join(this.#folder, `${session}.jsonl`) : undefined;
		const file = path && existsSync(path) ? new GrowingFile(path) : undefined;
		const subscriber: Subscriber = { response, file, sessions: new Set(await sessionIds(this.#folder)) };
		response.writeHead(200, { ...headers, "content-type": "text/event-stream" });
		response.write(": open\n\n");
		response.on("close", () => this.#subscribers.delete(subscriber));
		this.#subscribers.add(subscriber);
		this.#timer ??= setInterval(() => void this.#poll(), POLL_INTERVAL_MS).unref();
		await this.#poll();
	}

	close(): void {
		clearInterval(this.#timer);
		for (const { response } of this.#subscribers) response.end();
	}

	/** One poll at a time, so that no line is read twice. */
	#poll(): Promise<void> {
		this.#polling = this.#polling.then(() => this.#pollAll());
		return this.#polling;
	}

	async #pollAll(): Promise<void> {
		const ids = this.#subscribers.size > 0 ? await sessionIds(this.#folder) : [];
		await Promise.all([...this.#subscribers].map((subscriber) => updateOne(subscriber, ids)));
	}
}

async function updateOne({ response, file, sessions }: Subscriber, ids: readonly string[]): Promise<void> {
	const fresh = ids.filter((id) => !sessions.has(id));
	for (const id of fresh) sessions.add(id);
	if (fresh.length > 0) response.write(`event: sessions\ndata: ${JSON.stringify(fresh)}\n\n`);
	// The file may be removed while it is watched.
	const lines = await file?.newLines().catch(() => []);
	const records = (lines ?? []).filter((line) => !line.startsWith('{"session":'));
	if (records.length > 0) response.write(`event: exchanges\ndata: [${records.join(",")}]\n\n`);
}
