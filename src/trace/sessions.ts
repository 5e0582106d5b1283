import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../ui/fail.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import { jsonLines, readExchange, type StoredExchange } from "./read-store.ts";
import { SESSION_ID } from "./session-id.ts";
import type { SessionHead } from "./session-log.ts";
import { archiveName } from "./store.ts";

/** The light record of one session. */
export interface SessionRecords {
	head: SessionHead;
	records: ExchangeRecord[];
}

/** Ids of the recorded sessions, newest first. */
export async function sessionIds(folder: string): Promise<string[]> {
	if (!existsSync(folder)) return [];
	const names = (await readdir(folder)).filter((name) => name.endsWith(".jsonl"));
	const ids = names.map((name) => name.slice(0, -".jsonl".length)).filter((id) => SESSION_ID.test(id));
	return ids.sort().reverse();
}

/** The session that a word names: an id, its beginning or end, or `last`. Throws a `UserError`. */
export async function findSession(folder: string, word: string): Promise<string> {
	const ids = await sessionIds(folder);
	const found = word === "last" ? ids.slice(0, 1) : ids.filter((id) => id.startsWith(word) || id.endsWith(word));
	const [id] = found;
	if (id !== undefined && found.length === 1) return id;
	const problem = found.length === 0 ? `no session ${word} is recorded` : `${word} names ${found.length} sessions`;
	throw new UserError(problem, { hint: "cc-any trace lists the sessions; `last` names the newest" });
}

/** Reads the light record of a session; a line that a kill cut off is left out. */
export async function readSession(folder: string, id: string): Promise<SessionRecords> {
	const [head, ...records] = jsonLines(await readFile(join(folder, `${id}.jsonl`), "utf8"));
	if (!head) throw new UserError(`the record of session ${id} is empty`);
	return { head: head as SessionHead, records: records as ExchangeRecord[] };
}

/** The full trace of one exchange; undefined where there is only the light record. */
export async function readTrace(folder: string, id: string, number: number): Promise<StoredExchange | undefined> {
	const path = join(folder, id, archiveName(number));
	return existsSync(path) ? readExchange(path) : undefined;
}
