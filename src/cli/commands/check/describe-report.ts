import { type ClaudeOutcome, outcomeText } from "../../../check/claude/task.ts";
import { countVerdicts, degradesAt, type LoopResult } from "../../../check/loop/run-loop.ts";
import {
	type CheckReport,
	expenseText,
	figuresText,
	interval,
	sharePercent,
	wholePercent,
} from "../../../check/report/report.ts";
import type { Expense } from "../../../check/run/expense.ts";
import type { Rate } from "../../../check/run/rate.ts";
import type { CheckFinding, ProbeScore, Score } from "../../../check/run/score.ts";
import { counted } from "../../../platform/figures.ts";
import { style } from "../../ui/style.ts";
import { table } from "../../ui/table.ts";

/** A table with more probes lists those without a fault in a paragraph. */
export const MAX_TABLE_ROWS = 20;
/** Width of a terminal that does not report its own. */
const DEFAULT_COLUMNS = 100;

/** A report as one screen of a terminal. */
export function describeReport(report: CheckReport, columns = DEFAULT_COLUMNS): string {
	const { profile, model, endpoint, score, runs, stopped } = report;
	const title = `${style.heading(`${profile} · ${model}`)}  ${style.faint(`${endpoint}, ${counted(runs, "run")}`)}\n\n`;
	const head = ["PROBE", "WEIGHT", "RAW", "REPAIRED", "95 %", ""].map((text) => style.heading(text));
	const isLong = score.probes.length > MAX_TABLE_ROWS;
	const folded = isLong ? score.probes.filter(isFull) : [];
	const missed = isLong ? score.probes.filter(({ repaired, skipped }) => repaired.runs === 0 && !skipped) : [];
	const shown = score.probes.filter((probe) => !folded.includes(probe) && !missed.includes(probe));
	const rows = shown.map((probe) => rowOf(probe, Math.max(MIN_DETAIL_COLUMNS, columns - OTHER_COLUMNS)));
	const [one] = folded;
	const held = `held in every run, raw too${one ? ` (95 %: ${interval(one.repaired)})` : ""}`;
	const paragraphs = foldedRows(held, folded) + foldedRows("were not run", missed);
	const parts = [title, table([head, ...rows]), paragraphs, "\n", overallLine(score), expenseLine(report.expense)];
	parts.push(...report.loops.map(loopLines));
	parts.push(loopsLine(report.loops));
	if (report.claude) parts.push(`\n${style.heading("Real Claude Code")}\n`, table(report.claude.map(claudeRow)));
	if (stopped) parts.push(`${style.warning("stopped early:")} ${stopped}\n`);
	// The table already has the claims that failed.
	const others = score.findings.filter(({ type }) => type !== "claim");
	if (others.length > 0) parts.push(`\n${style.heading("Repairs and outages")}\n`, table(others.map(findingRow)));
	return parts.join("");
}

/** Width of a row without its last cell, which gets the rest. */
const OTHER_COLUMNS = 57;
const MIN_DETAIL_COLUMNS = 20;

function isFull({ raw, repaired, figures }: ProbeScore): boolean {
	return repaired.runs > 0 && raw.share === 1 && repaired.share === 1 && Object.keys(figures).length === 0;
}

function rowOf({ name, weight, raw, repaired, skipped, detail, figures }: ProbeScore, columns: number): string[] {
	if (skipped !== undefined || repaired.runs === 0) {
		return [style.faint(name), "", style.faint("–"), style.faint("–"), "", style.faint(shortened(detail, columns))];
	}
	const shown = shortened(repaired.share < 1 ? detail : figuresText(figures), columns);
	return [name, String(weight), coloured(raw), coloured(repaired), interval(repaired), style.faint(shown)];
}

/** Width at which the names of folded rows wrap. */
const PARAGRAPH_COLUMNS = 76;

/** The names of probes with the same result, as a paragraph. Empty when there are none. */
export function foldedRows(what: string, probes: readonly { name: string }[]): string {
	if (probes.length === 0) return "";
	const lines = [""];
	for (const [index, { name }] of probes.entries()) {
		const word = index < probes.length - 1 ? `${name},` : name;
		const line = lines.at(-1) ?? "";
		if (line.length + word.length + 1 > PARAGRAPH_COLUMNS) lines.push(word);
		else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
	}
	const text = lines.map((line) => `  ${style.faint(line)}\n`).join("");
	return `\n${probes.length} ${style.heading(what)}:\n${text}`;
}

function shortened(text: string, columns: number): string {
	const line = text.replace(/\s+/g, " ");
	return line.length <= columns ? line : `${line.slice(0, columns - 1)}…`;
}

function coloured(rate: Rate): string {
	const text = sharePercent(rate.share);
	if (rate.share === 1) return style.success(text);
	return rate.share >= 0.5 ? style.warning(text) : style.error(text);
}

function overallLine({ raw, repaired, grade }: Score): string {
	if (grade === "–") return "no probe was run, so there is no grade\n";
	const bought = wholePercent(repaired) - wholePercent(raw);
	return `${style.heading(`grade ${grade}`)}  ${sharePercent(repaired)} with cc-any, ${sharePercent(raw)} raw: repairs add ${bought} points\n`;
}

function expenseLine(expense: Expense): string {
	return `${style.faint(expenseText(expense))}\n`;
}

/** pass^k: whether all of several loops were completed. */
function loopsLine(loops: readonly LoopResult[]): string {
	if (loops.length < 2) return "";
	const completed = loops.filter((loop) => loop.completed).length;
	const all = completed === loops.length ? style.success("yes") : style.error("no");
	return `\n${completed} of ${loops.length} loops completed, pass^${loops.length}: ${all}\n`;
}

function claudeRow(outcome: ClaudeOutcome): string[] {
	const mark = outcome.passed ? style.success("done") : style.error("failed");
	return [mark, outcome.task, style.faint(outcomeText(outcome))];
}

/** A loop in two or three lines. */
function loopLines(loop: LoopResult): string {
	const { demanded, made, completed, end, turns } = loop;
	const result = completed ? style.success("completed") : style.error(`not completed: ${end}`);
	const counts = Object.entries(countVerdicts(turns)).filter(([, count]) => count > 0);
	const repairs = turns.filter((turn) => turn.repairs.length > 0).length;
	const from = degradesAt(turns);
	const lines = [
		`${style.heading("loop")}  ${made} of ${demanded} calls, ${result}`,
		`      ${counts.map(([name, count]) => `${count} ${name}`).join(", ")}; repairs in ${repairs} of ${turns.length} turns`,
		...(from === undefined ? [] : [`      ${style.warning(`degrades from turn ${from} on`)}`]),
	];
	return `\n${lines.join("\n")}\n`;
}

function findingRow({ name, seen, runs, failed, probes }: CheckFinding): string[] {
	const mark = failed > 0 ? style.error("failed") : style.warning("repaired");
	return [mark, name, `${seen} of ${runs}`, style.faint(shortened(probes.join(", "), DEFAULT_COLUMNS / 2))];
}
