import { stat } from "node:fs/promises";
import { join } from "node:path";
import { usualFigures } from "../explain/figures.ts";
import { SESSION_ID } from "../record/session-id.ts";
import type { SessionHead } from "../record/session-log.ts";
import { readIfPossible, readSession, readTrace, sessionIds } from "../store/sessions.ts";
import { type Summary, summarise } from "../store/summarise.ts";
import { type OpenExchange, viewExchange } from "./exchange-view.ts";
import type { RecordedLines } from "./recorded-lines.ts";

/** A session as the list of sessions shows it. */
export interface ListedSession {
	head: SessionHead;
	summary: Summary;
}

/** A longer text makes the page slow. */
const MAX_TEXT_CHARS = 200_000;

/**
 * Answers the requests of the page. The open exchange stays unpacked, because its lines are loaded in pieces. A session
 * is summarised again only when its record has changed.
 */
export class ViewerData {
	readonly #folder: string;
	readonly #listed = new Map<string, { version: string | undefined; session: ListedSession | undefined }>();
	#open: { key: string; exchange: Promise<OpenExchange | undefined> } | undefined;

	constructor(folder: string) {
		this.#folder = folder;
	}

	/**
	 * `sessions`, `sessions/ID`, `sessions/ID/N`, a list like `sessions/ID/N/frames?from=0&count=200`, or one full text:
	 * `sessions/ID/N/frames/INDEX`. Undefined if it does not exist.
	 */
	async answer([kind, id, number, list, index]: string[], query: URLSearchParams): Promise<unknown> {
		if (kind !== "sessions") return undefined;
		if (id === undefined) return this.#sessions();
		// The id becomes part of a path.
		if (!SESSION_ID.test(id)) return undefined;
		if (number === undefined) return readSession(this.#folder, id);
		const exchange = await this.#exchange(id, number);
		if (!exchange || list === undefined) return exchange?.view;
		if (index !== undefined) return wholeText(textOf(exchange, list, Number(index)));
		return linesOf(exchange.lines, list, Number(query.get("from")), Number(query.get("count")));
	}

	/** One after the other, because all records together may take much memory. */
	async #sessions(): Promise<ListedSession[]> {
		const sessions: ListedSession[] = [];
		for (const id of await sessionIds(this.#folder)) {
			const session = await this.#session(id);
			if (session) sessions.push(session);
		}
		return sessions;
	}

	/** Undefined when its record cannot be read, which must not hide the other sessions. */
	async #session(id: string): Promise<ListedSession | undefined> {
		const version = await versionOf(join(this.#folder, `${id}.jsonl`));
		const known = this.#listed.get(id);
		if (known?.version === version) return known?.session;
		const found = await readIfPossible(this.#folder, id);
		const session = found && { head: found.head, summary: summarise(found.records) };
		this.#listed.set(id, { version, session });
		return session;
	}

	#exchange(id: string, number: string): Promise<OpenExchange | undefined> {
		const key = `${id}/${number}`;
		if (this.#open?.key === key) return this.#open.exchange;
		const exchange = this.#read(id, number);
		this.#open = { key, exchange };
		// What does not exist yet, or cannot be read now, is tried again the next time.
		const forget = () => {
			if (this.#open?.exchange === exchange) this.#open = undefined;
		};
		exchange.then((found) => found?.lines ?? forget(), forget);
		return exchange;
	}

	async #read(id: string, number: string): Promise<OpenExchange | undefined> {
		const { records } = await readSession(this.#folder, id);
		const record = records.find((candidate) => String(candidate.number) === number);
		return record && viewExchange(record, await readTrace(this.#folder, id, record.number), usualFigures(records));
	}
}

/** Changes when the file does; undefined when it was removed. */
async function versionOf(path: string): Promise<string | undefined> {
	const { size, mtimeMs } = (await stat(path).catch(() => undefined)) ?? {};
	return size === undefined ? undefined : `${size} ${mtimeMs}`;
}

function textOf({ parts, lines }: OpenExchange, list: string, index: number): string | undefined {
	if (list === "asked" || list === "sent") return parts[list][index];
	if (list === "frames") return lines?.frameText(index);
	return list === "events" ? lines?.eventText(index) : undefined;
}

function wholeText(text: string | undefined): { text: string } | undefined {
	if (text === undefined || text.length <= MAX_TEXT_CHARS) return text === undefined ? undefined : { text };
	return {
		text: `${text.slice(0, MAX_TEXT_CHARS)}… (${text.length} characters; cc-any trace export writes it in full)`,
	};
}

function linesOf(lines: RecordedLines | undefined, list: string, from: number, count: number): unknown {
	if (!lines || !(from >= 0 && count > 0)) return undefined;
	if (list === "frames") return lines.frames(from, count);
	return list === "events" ? lines.events(from, count) : undefined;
}
