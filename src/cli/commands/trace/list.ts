import { dollars, tokens } from "../../../platform/figures.ts";
import { processEnvironment } from "../../../platform/paths.ts";
import { EXIT, UserError } from "../../../platform/user-error.ts";
import { sessionsFolder } from "../../../trace/record/session-id.ts";
import { readIfPossible, type SessionRecords, sessionIds } from "../../../trace/store/sessions.ts";
import { type Summary, summarise } from "../../../trace/store/summarise.ts";
import { print, printJson, tell, warn } from "../../ui/output.ts";
import { style } from "../../ui/style.ts";
import { fitted, table } from "../../ui/table.ts";

/** Without `--all`. */
const MAX_SESSIONS = 20;

const TITLES = ["session", "profile", "requests", "in", "out", "cost", "divergences", ""];
/** Columns that are dropped on a narrow terminal, in this order. */
const LESS_NEEDED = [TITLES.indexOf("out"), TITLES.indexOf("in"), TITLES.indexOf("cost"), TITLES.indexOf("requests")];

/** Lists the recorded sessions, newest first. */
export async function listSessions(
	{ json, all }: { json?: boolean; all?: boolean },
	[argument]: readonly string[],
): Promise<void> {
	if (argument !== undefined) {
		const hint = `cc-any trace show ${argument}   or cc-any trace --help`;
		throw new UserError(`cc-any trace has no command ${argument}`, { hint, exitCode: EXIT.usage });
	}
	const folder = sessionsFolder(processEnvironment());
	const ids = await sessionIds(folder);
	const chosen = all ? ids : ids.slice(0, MAX_SESSIONS);
	const found = await Promise.all(chosen.map((id) => readIfPossible(folder, id)));
	const sessions = found.filter((session) => session !== undefined);
	const unreadable = chosen.filter((_id, index) => found[index] === undefined);
	if (unreadable.length > 0) warn(`empty or damaged, not listed: ${unreadable.join(", ")}`);
	if (json) {
		const rows = sessions.map(({ head, records }) => ({ ...head, summary: summarise(records) }));
		printJson(rows);
		return;
	}
	if (ids.length === 0) {
		tell(`no session is recorded in ${folder} yet\n`);
		return;
	}
	const rows = [TITLES.map(style.heading), ...sessions.map(row)];
	print(table(fitted(rows, LESS_NEEDED, process.stdout.columns)));
	if (ids.length > chosen.length) tell(`${ids.length - chosen.length} more with --all\n`);
}

function row({ head, records }: SessionRecords): string[] {
	const summary = summarise(records);
	const repairs = Object.values(summary.repairs).reduce((sum, times) => sum + times, 0);
	const faults = repairs + summary.retries + summary.fallbacks + summary.failures;
	return [
		head.session,
		head.profile,
		String(summary.requests),
		...tokenCells(summary),
		summary.cost === undefined ? "" : dollars(summary.cost),
		faults === 0 ? "none" : style.warning(String(faults)),
		head.traced ? "full" : "",
	];
}

/** Tokens in and out; "?" if no request has counts. */
function tokenCells({ requests, uncounted, inputTokens, outputTokens }: Summary): [string, string] {
	return uncounted === requests ? ["?", "?"] : [tokens(inputTokens), tokens(outputTokens)];
}
