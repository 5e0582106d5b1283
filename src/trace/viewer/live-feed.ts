import { existsSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { GrowingFile } from "../../platform/growing-file.ts";
import { SESSION_ID } from "../record/session-id.ts";
import { sessionIds } from "../store/sessions.ts";

const INTERVAL = 300;

interface Subscriber {
	response: ServerResponse;
	file: GrowingFile | undefined;
	/** Sessions that it knows of. */
	sessions: Set<string>;
}

/** Tells open pages what is recorded meanwhile, as server-sent events: `exchange`, and `sessions` for new ones. */
export class LiveFeed {
	readonly #folder: string;
	readonly #subscribers = new Set<Subscriber>();
	#timer: NodeJS.Timeout | undefined;
	#telling: Promise<void> = Promise.resolve();

	constructor(folder: string) {
		this.#folder = folder;
	}

	/** Keeps the response open. Every exchange of the session is sent, first those that are there. */
	async subscribe(response: ServerResponse, session: string | null, headers: Record<string, string>): Promise<void> {
		const path = session && SESSION_ID.test(session) ? join(this.#folder, `${session}.jsonl`) : undefined;
		const file = path && existsSync(path) ? new GrowingFile(path) : undefined;
		const subscriber: Subscriber = { response, file, sessions: new Set(await sessionIds(this.#folder)) };
		response.writeHead(200, { ...headers, "content-type": "text/event-stream" });
		response.write(": open\n\n");
		response.on("close", () => this.#subscribers.delete(subscriber));
		this.#subscribers.add(subscriber);
		this.#timer ??= setInterval(() => void this.#tell(), INTERVAL).unref();
		await this.#tell();
	}

	close(): void {
		clearInterval(this.#timer);
		for (const { response } of this.#subscribers) response.end();
	}

	/** One round at a time, so that no line is read twice. */
	#tell(): Promise<void> {
		this.#telling = this.#telling.then(() => this.#tellAll());
		return this.#telling;
	}

	async #tellAll(): Promise<void> {
		const ids = this.#subscribers.size > 0 ? await sessionIds(this.#folder) : [];
		await Promise.all([...this.#subscribers].map((subscriber) => tellOne(subscriber, ids)));
	}
}

async function tellOne({ response, file, sessions }: Subscriber, ids: readonly string[]): Promise<void> {
	const fresh = ids.filter((id) => !sessions.has(id));
	for (const id of fresh) sessions.add(id);
	if (fresh.length > 0) response.write(`event: sessions\ndata: ${JSON.stringify(fresh)}\n\n`);
	// The file may be pruned while it is watched.
	const lines = await file?.newLines().catch(() => []);
	const records = (lines ?? []).filter((line) => !line.startsWith('{"session":'));
	if (records.length > 0) response.write(`event: exchanges\ndata: [${records.join(",")}]\n\n`);
}
