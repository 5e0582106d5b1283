import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type Environment, stateFolder } from "../../platform/paths.ts";

/** Id of a session: its start in local time to the millisecond, and two random bytes. Sorts by time. */
export function newSessionId(now = new Date()): string {
	const part = (value: number, length = 2) => String(value).padStart(length, "0");
	const date = `${part(now.getFullYear(), 4)}${part(now.getMonth() + 1)}${part(now.getDate())}`;
	const time = `${part(now.getHours())}${part(now.getMinutes())}${part(now.getSeconds())}`;
	return `${date}-${time}-${part(now.getMilliseconds(), 3)}${randomBytes(2).toString("hex")}`;
}

/** Ids of older versions have no milliseconds. */
export const SESSION_ID = /^\d{8}-\d{6}-(\d{3})?[0-9a-f]{4}$/;

/** Folder of all sessions: `ID.jsonl` is the light record of a session, `ID/` its full trace. */
export function sessionsFolder(environment: Environment): string {
	return join(stateFolder(environment), "sessions");
}
