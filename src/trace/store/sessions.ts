import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { tryParseJson } from "../../platform/json.ts";
import { errorCode, UserError } from "../../platform/user-error.ts";
import type { ExchangeRecord } from "../record/exchange-record.ts";
import { SESSION_ID } from "../record/session-id.ts";
import type { SessionHead } from "../record/session-log.ts";
import { readExchange, type StoredExchange } from "./read-store.ts";
import { isExchangeRecord, isSessionHead } from "./record-schema.ts";
import { archiveName } from "./store.ts";

/** The light record of one session. */
export interface SessionRecords {
	head: SessionHead;
	records: ExchangeRecord[];
	/** Lines that could not be read. */
	unreadable: number;
}

/** Ids of the recorded sessions, newest first. */
export async function sessionIds(folder: string): Promise<string[]> {
	if (!existsSync(folder)) return [];
	const names = (await readdir(folder)).filter((name) => name.endsWith(".jsonl"));
	const ids = names.map((name) => name.slice(0, -".jsonl".length)).filter((id) => SESSION_ID.test(id));
	return ids.sort().reverse();
}

/** Finds a session by its id, the beginning or end of its id, or `last`. Throws a `UserError`. */
export async function findSession(folder: string, name: string): Promise<string> {
	const ids = await sessionIds(folder);
	const found = name === "last" ? ids.slice(0, 1) : ids.filter((id) => id.startsWith(name) || id.endsWith(name));
	const [id] = found;
	if (id !== undefined && found.length === 1) return id;
	const problem = found.length === 0 ? `no session ${name} is recorded` : `${name} matches ${found.length} sessions`;
	throw new UserError(problem, { hint: "cc-any trace lists the sessions; `last` names the newest" });
}

/**
 * Reads the light record of a session. Lines that are damaged, or that another version wrote in another form, are counted
 * in `unreadable`; a last line that a killed process left incomplete is ignored. Throws a `UserError` without a head.
 */
export async function readSession(folder: string, id: string): Promise<SessionRecords> {
	const path = join(folder, `${id}.jsonl`);
	const [first = "", ...lines] = (await readFile(path, "utf8")).split("\n");
	const head = tryParseJson(first);
	if (!isSessionHead(head)) throw unreadable(`the record ${path} is ${first === "" ? "empty" : "damaged"}`);
	const whole = lines.slice(0, -1).filter((line) => line !== "");
	const records = whole.map(tryParseJson).filter(isExchangeRecord);
	return { head, records, unreadable: whole.length - records.length };
}

/** Like `readSession`, but undefined when the record is empty, damaged, or was just removed. */
export async function readIfPossible(folder: string, id: string): Promise<SessionRecords | undefined> {
	try {
		return await readSession(folder, id);
	} catch (error) {
		if (error instanceof UserError || errorCode(error) === "ENOENT") return undefined;
		throw error;
	}
}

function unreadable(problem: string): UserError {
	return new UserError(problem, { hint: "cc-any trace lists the sessions that can be read" });
}

/** The full trace of one exchange; undefined when there is only the light record. */
export async function readTrace(folder: string, id: string, number: number): Promise<StoredExchange | undefined> {
	const path = join(folder, id, archiveName(number));
	return existsSync(path) ? readExchange(path) : undefined;
}
