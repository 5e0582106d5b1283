import { style } from "../ui/style.ts";
import { table } from "../ui/table.ts";
import type { Lesson } from "./lessons.ts";
import type { ClaudeLoop } from "./loop/claude-task.ts";
import { countVerdicts, degradesAt } from "./loop/degradation.ts";
import type { LoopResult } from "./loop/run-loop.ts";
import type { Rate } from "./rate.ts";
import type { CheckResult, Expense } from "./run-checks.ts";
import type { Finding, ProbeScore, Score } from "./score.ts";

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
	/** The real Claude Code on a trail, where that was asked for. */
	claudeLoop?: ClaudeLoop;
}

/** One screen for a terminal. */
export function describeReport(report: CheckReport): string {
	const { profile, model, endpoint, score, runs, stopped } = report;
	const title = `${style.heading(`${profile} · ${model}`)}  ${style.faint(`${endpoint}, ${runs} runs`)}\n\n`;
	const head = ["PROBE", "WEIGHT", "RAW", "REPAIRED", "95 %", ""].map((text) => style.heading(text));
	const rows = score.probes.map(rowOf);
	const parts = [title, table([head, ...rows]), "\n", overallLine(score), expenseLine(report.expense)];
	parts.push(...report.loops.map(loopLines));
	parts.push(loopsLine(report.loops));
	if (report.claudeLoop) parts.push(`\n${style.heading("claude")}  ${claudeText(report.claudeLoop)}\n`);
	if (stopped) parts.push(`${style.warning("stopped early:")} ${stopped}\n`);
	// A claim that failed stands in the table already.
	const others = score.findings.filter(({ type }) => type !== "claim");
	if (others.length > 0) parts.push(`\n${style.heading("Repairs and outages")}\n`, table(others.map(findingRow)));
	return parts.join("");
}

/** Columns for the last cell of a row. */
const DETAIL_WIDTH = 44;

function rowOf({ name, weight, raw, repaired, skipped, detail, figures }: ProbeScore): string[] {
	if (skipped !== undefined || repaired.runs === 0) {
		return [style.faint(name), "", style.faint("–"), style.faint("–"), "", style.faint(shortened(detail))];
	}
	const shown = repaired.share < 1 ? detail : figuresText(figures);
	return [name, String(weight), coloured(raw), coloured(repaired), interval(repaired), style.faint(shortened(shown))];
}

/** Figures of a probe in one line. */
export function figuresText(figures: Record<string, number>): string {
	return Object.entries(figures)
		.map(([name, value]) => `${name} ${Number.isInteger(value) ? value : value.toPrecision(3)}`)
		.join(", ");
}

function shortened(text: string): string {
	const line = text.replace(/\s+/g, " ");
	return line.length <= DETAIL_WIDTH ? line : `${line.slice(0, DETAIL_WIDTH - 1)}…`;
}

function coloured(rate: Rate): string {
	const text = percent(rate.share);
	if (rate.share === 1) return style.success(text);
	return rate.share >= 0.5 ? style.warning(text) : style.error(text);
}

export function percent(share: number): string {
	return `${Math.round(share * 100)} %`;
}

export function interval({ low, high }: Rate): string {
	return `${Math.round(low * 100)}–${Math.round(high * 100)}`;
}

function overallLine({ raw, repaired, grade }: Score): string {
	const bought = Math.round(repaired * 100) - Math.round(raw * 100);
	return `${style.heading(`grade ${grade}`)}  ${percent(repaired)} with cc-any, ${percent(raw)} raw: repairs buy ${bought} points\n`;
}

/** What a check took, in words. */
export function expenseText({ requests, inputTokens, outputTokens, cost, duration }: Expense): string {
	const money = cost === undefined ? "cost unknown" : `$${cost.toFixed(cost < 0.1 ? 4 : 2)}`;
	return `${requests} requests, ${inputTokens} tokens in, ${outputTokens} out, ${money}, ${Math.round(duration / 1000)} s`;
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

/** The loop of the real Claude Code in one line. */
export function claudeText({
	calls,
	demanded,
	completed,
	right,
	files,
	answered,
	repaired,
	requests,
}: ClaudeLoop): string {
	const outcome = completed ? "completed" : `not completed, answer ${answered ? "right" : "wrong"}`;
	const made = `${calls} calls for ${demanded} demanded, ${right} of ${files} files right`;
	return `${outcome}: ${made}, repairs in ${repaired} of ${requests} requests`;
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
	return [mark, name, `${seen} of ${runs}`, style.faint(shortened(probes.join(", ")))];
}
