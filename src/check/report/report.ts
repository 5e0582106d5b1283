import { style } from "../../cli/ui/style.ts";
import { table } from "../../cli/ui/table.ts";
import { counted, dollars, duration as timeText, tokens } from "../../platform/figures.ts";
import { type ClaudeOutcome, outcomeText } from "../claude/task.ts";
import type { Lesson } from "../lessons.ts";
import type { LoopResult } from "../loop/run-loop.ts";
import { countVerdicts, degradesAt } from "../loop/run-loop.ts";
import type { Expense } from "../run/expense.ts";
import type { Rate } from "../run/rate.ts";
import type { CheckResult } from "../run/run-checks.ts";
import type { Finding, ProbeScore, Score } from "../run/score.ts";

/** A check that is over: what is kept, compared and shown. */
export interface CheckReport extends Omit<CheckResult, "results"> {
	profile: string;
	/** Host and path of the endpoint. */
	endpoint: string;
	/** Of cc-any. */
	version: string;
	score: Score;
	/** What the profile should say from now on. */
	lessons: Lesson[];
	/** The real Claude Code on its tasks, where that was asked for. */
	claude?: ClaudeOutcome[];
}

/** Rows of probes that a screen has room for: where there are more, those without a fault share a paragraph. */
export const SCREEN = 20;
/** Columns of a terminal that does not say how many it has. */
const COLUMNS = 100;

/** One screen for a terminal of so many columns. */
export function describeReport(report: CheckReport, columns = COLUMNS): string {
	const { profile, model, endpoint, score, runs, stopped } = report;
	const title = `${style.heading(`${profile} · ${model}`)}  ${style.faint(`${endpoint}, ${counted(runs, "run")}`)}\n\n`;
	const head = ["PROBE", "WEIGHT", "RAW", "REPAIRED", "95 %", ""].map((text) => style.heading(text));
	const isLong = score.probes.length > SCREEN;
	const folded = isLong ? score.probes.filter(isFull) : [];
	const missed = isLong ? score.probes.filter(({ repaired, skipped }) => repaired.runs === 0 && !skipped) : [];
	const shown = score.probes.filter((probe) => !folded.includes(probe) && !missed.includes(probe));
	const rows = shown.map((probe) => rowOf(probe, Math.max(LEAST_DETAIL, columns - OTHER_COLUMNS)));
	const [one] = folded;
	const held = `held in every run, raw too${one ? ` (95 %: ${interval(one.repaired)})` : ""}`;
	const paragraphs = foldedRows(held, folded) + foldedRows("were not run", missed);
	const parts = [title, table([head, ...rows]), paragraphs, "\n", overallLine(score), expenseLine(report.expense)];
	parts.push(...report.loops.map(loopLines));
	parts.push(loopsLine(report.loops));
	if (report.claude) parts.push(`\n${style.heading("Real Claude Code")}\n`, table(report.claude.map(claudeRow)));
	if (stopped) parts.push(`${style.warning("stopped early:")} ${stopped}\n`);
	// A claim that failed stands in the table already.
	const others = score.findings.filter(({ type }) => type !== "claim");
	if (others.length > 0) parts.push(`\n${style.heading("Repairs and outages")}\n`, table(others.map(findingRow)));
	return parts.join("");
}

/** Columns of all cells of a row but the last, which gets the rest, and these at least. */
const OTHER_COLUMNS = 57;
const LEAST_DETAIL = 20;

function isFull({ raw, repaired, figures }: ProbeScore): boolean {
	return repaired.runs > 0 && raw.share === 1 && repaired.share === 1 && Object.keys(figures).length === 0;
}

function rowOf({ name, weight, raw, repaired, skipped, detail, figures }: ProbeScore, room: number): string[] {
	if (skipped !== undefined || repaired.runs === 0) {
		return [style.faint(name), "", style.faint("–"), style.faint("–"), "", style.faint(shortened(detail, room))];
	}
	const shown = shortened(repaired.share < 1 ? detail : figuresText(figures), room);
	return [name, String(weight), coloured(raw), coloured(repaired), interval(repaired), style.faint(shown)];
}

/** Columns that names of folded rows are broken at. */
const PARAGRAPH = 76;

/** Names of probes that the same is said of, in a paragraph; nothing where there are none. */
export function foldedRows(what: string, probes: readonly { name: string }[]): string {
	if (probes.length === 0) return "";
	const lines = [""];
	for (const [index, { name }] of probes.entries()) {
		const word = index < probes.length - 1 ? `${name},` : name;
		const line = lines.at(-1) ?? "";
		if (line.length + word.length + 1 > PARAGRAPH) lines.push(word);
		else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
	}
	const text = lines.map((line) => `  ${style.faint(line)}\n`).join("");
	return `\n${probes.length} ${style.heading(what)}:\n${text}`;
}

/** Figures of a probe in one line. */
export function figuresText(figures: Record<string, number>): string {
	return Object.entries(figures)
		.map(([name, value]) => `${name} ${Number.isInteger(value) ? value : value.toPrecision(3)}`)
		.join(", ");
}

function shortened(text: string, room: number): string {
	const line = text.replace(/\s+/g, " ");
	return line.length <= room ? line : `${line.slice(0, room - 1)}…`;
}

function coloured(rate: Rate): string {
	const text = percent(rate.share);
	if (rate.share === 1) return style.success(text);
	return rate.share >= 0.5 ? style.warning(text) : style.error(text);
}

/** A share in whole percent, rounded down: what failed once in 300 runs is not 100 %, what misses a gate not the gate. */
export function percent(share: number): string {
	return `${wholePercent(share)} %`;
}

function wholePercent(share: number): number {
	return Math.floor(share * 100 + 1e-9);
}

export function interval({ low, high }: Rate): string {
	return `${Math.round(low * 100)}–${Math.round(high * 100)}`;
}

function overallLine({ raw, repaired, grade }: Score): string {
	if (grade === "–") return "no probe was run: no grade\n";
	const bought = wholePercent(repaired) - wholePercent(raw);
	return `${style.heading(`grade ${grade}`)}  ${percent(repaired)} with cc-any, ${percent(raw)} raw: repairs buy ${bought} points\n`;
}

/** What a check took, in words. */
export function expenseText({ requests, inputTokens, outputTokens, cost, duration }: Expense): string {
	const money = cost === undefined ? "cost unknown" : dollars(cost);
	return `${requests} requests, ${tokens(inputTokens)} tokens in, ${tokens(outputTokens)} out, ${money}, ${timeText(duration)}`;
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

function findingRow({ name, seen, runs, failed, probes }: Finding): string[] {
	const mark = failed > 0 ? style.error("failed") : style.warning("repaired");
	return [mark, name, `${seen} of ${runs}`, style.faint(shortened(probes.join(", "), COLUMNS / 2))];
}
