import { stat } from "node:fs/promises";
import { join } from "node:path";
import { counted, dollars, percent, tokens } from "../../platform/figures.ts";
import { processEnvironment } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { inputTokens } from "../../trace/record/cost.ts";
import type { ExchangeRecord } from "../../trace/record/exchange-record.ts";
import { sessionsFolder } from "../../trace/record/session-id.ts";
import { readSession, type SessionRecords, sessionIds } from "../../trace/store/sessions.ts";
import { type Summary, summarise } from "../../trace/store/summarise.ts";
import { print, printJson, tell, warn } from "../ui/output.ts";
import { style } from "../ui/style.ts";
import { table } from "../ui/table.ts";

export interface UsageOptions {
	since: string;
	by: "profile" | "model" | "project" | "day";
	json?: boolean;
}

/** The totals of one profile, model, project or day. */
interface UsageGroup {
	name: string;
	summary: Summary;
}

/** `cc-any usage`: adds up the local records. Sends no request; an unknown cost is shown as unknown. */
export async function showUsage({ since, by, json }: UsageOptions): Promise<void> {
	const from = timeOf(since, Date.now());
	const folder = sessionsFolder(processEnvironment());
	const groups = new Map<string, ExchangeRecord[]>();
	for (const session of await sessionsSince(folder, from)) {
		for (const record of session.records.filter(({ startedAt, purpose }) => startedAt >= from && purpose !== "count")) {
			const name = nameOf(by, record, session);
			const group = groups.get(name);
			if (group) group.push(record);
			else groups.set(name, [record]);
		}
	}
	const rows = [...groups].map(([name, records]): UsageGroup => ({ name, summary: summarise(records) }));
	const total = summarise([...groups.values()].flat());
	const sorted = rows.sort(by === "day" ? byName : byTokens);
	if (json) {
		const document = { since: new Date(from).toISOString(), by, groups: sorted, total };
		printJson(document, 2);
		return;
	}
	printGroups(by, sorted, total, since);
	warnOfUnmetered([...groups.values()].flat());
}

const UNITS_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 24 * 3_600_000, w: 7 * 24 * 3_600_000 };

/** `12h`, `7d`, `4w` before now, or the start of a day in local time; in milliseconds since 1970. */
export function timeOf(text: string, now: number): number {
	const [, count, unit = ""] = /^(\d+)([hdw])$/.exec(text) ?? [];
	if (count !== undefined) return now - Number(count) * (UNITS_MS[unit] ?? 0);
	const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00`) : Number.NaN;
	if (!Number.isNaN(day)) return day;
	throw new UserError(`--since ${text} is not a time`, {
		hint: "write hours, days or weeks (12h, 7d, 4w), or a day (2026-11-01)",
		exitCode: EXIT.usage,
	});
}

/** Sessions that were written to since then; a damaged one is skipped with a warning. */
async function sessionsSince(folder: string, from: number): Promise<SessionRecords[]> {
	const sessions: SessionRecords[] = [];
	for (const id of await sessionIds(folder)) {
		const { mtimeMs } = await stat(join(folder, `${id}.jsonl`));
		if (mtimeMs < from) continue;
		try {
			sessions.push(await readSession(folder, id));
		} catch (error) {
			warn(`session ${id} is skipped: ${error instanceof Error ? error.message : String(error)}`);
		}
	}
	return sessions;
}

function nameOf(by: UsageOptions["by"], record: ExchangeRecord, { head }: SessionRecords): string {
	switch (by) {
		case "profile":
			return record.profile;
		case "model":
			return record.servedModel ? `${record.profile}/${record.servedModel}` : `${record.profile} (no model served)`;
		case "project":
			return head.directory;
		case "day":
			return dayOf(record.startedAt);
	}
}

/** Local date, as `2026-11-25`. */
function dayOf(milliseconds: number): string {
	const date = new Date(milliseconds);
	const part = (value: number) => String(value).padStart(2, "0");
	return `${date.getFullYear()}-${part(date.getMonth() + 1)}-${part(date.getDate())}`;
}

function byName(one: UsageGroup, other: UsageGroup): number {
	return one.name < other.name ? -1 : 1;
}

function byTokens({ summary: one }: UsageGroup, { summary: other }: UsageGroup): number {
	return other.inputTokens + other.outputTokens - one.inputTokens - one.outputTokens;
}

function printGroups(by: string, groups: readonly UsageGroup[], total: Summary, since: string): void {
	if (groups.length === 0) {
		tell(`nothing is recorded since ${since}; records are kept for 30 days\n`);
		return;
	}
	const titles = [by, "requests", "in", "cached", "out", "cost"].map(style.heading);
	const rows = groups.map(({ name, summary }) => row(name, summary));
	const last = groups.length > 1 ? [row(style.heading("total"), total)] : [];
	print(table([titles, ...rows, ...last]));
}

function row(name: string, summary: Summary): string[] {
	const { requests, uncounted, inputTokens: read, cachedTokens, outputTokens } = summary;
	const counts = [tokens(read), percent(cachedTokens, read), tokens(outputTokens)];
	return [name, String(requests), ...(uncounted === requests ? ["?", "?", "?"] : counts), costText(summary)];
}

function costText({ requests, failures, cost, unpriced }: Summary): string {
	if (cost === undefined) return requests === failures ? "none" : style.warning("unknown");
	if (unpriced === 0) return dollars(cost);
	return `${dollars(cost)} and ${style.warning(`${counted(unpriced, "request")} of unknown price`)}`;
}

/** Replies without token counts are missing in the sums, which the user must know. */
function warnOfUnmetered(records: readonly ExchangeRecord[]): void {
	const unmetered = records.filter(({ status, usage: counts }) => status === 200 && inputTokens(counts) === 0).length;
	if (unmetered > 0)
		warn(`${counted(unmetered, "reply", "replies")} came without token counts and are not in the sums`);
}
