import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { GrowingFile } from "../../../platform/growing-file.ts";
import { processEnvironment } from "../../../platform/paths.ts";
import { sessionsFolder } from "../../../trace/record/session-id.ts";
import { findSession, sessionIds } from "../../../trace/store/sessions.ts";
import { print, tell } from "../../ui/output.ts";
import { table } from "../../ui/table.ts";
import { exchangeRow } from "./lines.ts";

const POLL_INTERVAL_MS = 250;

/** Prints the exchanges of a session as they end, until interrupted. Without a name, it follows the newest session. */
export async function tailTrace(name: string | undefined): Promise<void> {
	const folder = sessionsFolder(processEnvironment());
	let current = name === undefined ? undefined : await findSession(folder, name);
	let file = current && new GrowingFile(join(folder, `${current}.jsonl`));
	for (;;) {
		const [newest] = name === undefined ? await sessionIds(folder) : [current];
		if (newest !== undefined && newest !== current) {
			current = newest;
			file = new GrowingFile(join(folder, `${newest}.jsonl`));
		}
		const lines = file ? await file.newLines() : [];
		for (const line of lines) {
			const entry = JSON.parse(line);
			if (entry.session) tell(`session ${entry.session}, profile ${entry.profile}\n`);
			else print(table([exchangeRow(entry)]));
		}
		await delay(POLL_INTERVAL_MS);
	}
}
