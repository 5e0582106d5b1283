import { style } from "../../cli/ui/style.ts";
import { table } from "../../cli/ui/table.ts";
import { differenceByChance, type Rate } from "../run/rate.ts";
import { overallOf, type ProbeScore, type Score } from "../run/score.ts";
import { type CheckReport, expenseText, foldedRows, percent, SCREEN } from "./report.ts";

/** Chance below which a difference is called significant. */
const SIGNIFICANT = 0.05;

/** A probe whose share after repairs is another than before. */
export interface Change {
	probe: string;
	before: Rate;
	after: Rate;
	/** Probability of such a difference by chance alone. */
	chance: number;
	isSignificant: boolean;
}

/** A probe in several reports: the share in each, undefined where it was not run. */
export interface ComparedProbe {
	name: string;
	/** In the order of the reports. */
	cells: ComparedCell[];
}

interface ComparedCell {
	share: number | undefined;
	/** Significantly from the first report. */
	differs: boolean;
}

/** What the reader of a comparison has to know about its `*`. */
export const MARK = "* significantly different from the first (Fisher's exact test, below 5 %)";

/** What is different between two reports, the surest first. Probes that only one of them ran are left out. */
export function changesBetween(before: CheckReport, after: CheckReport): Change[] {
	const changes = after.score.probes.flatMap((probe) => {
		const earlier = probeOf(probe.name, before);
		const isSame = !wasRun(earlier) || !wasRun(probe) || earlier.repaired.share === probe.repaired.share;
		return isSame ? [] : [changeOf(probe.name, earlier.repaired, probe.repaired)];
	});
	return changes.sort((one, other) => one.chance - other.chance);
}

/** The overall marks of two reports by the probes that both ran: another choice of probes is no change of a provider. */
export function overallChange(before: CheckReport, after: CheckReport): { before: Overall; after: Overall } {
	const common = (one: CheckReport, other: CheckReport) =>
		overallOf(one.score.probes.filter(({ name }) => wasRun(probeOf(name, other)) && wasRun(probeOf(name, one))));
	return { before: common(before, after), after: common(after, before) };
}

type Overall = Pick<Score, "raw" | "repaired" | "grade">;

function changeOf(probe: string, before: Rate, after: Rate): Change {
	const chance = differenceByChance(before, after);
	return { probe, before, after, chance, isSignificant: chance < SIGNIFICANT };
}

/** The probes of several reports side by side. */
export function compareReports(reports: readonly CheckReport[]): ComparedProbe[] {
	const [first] = reports;
	const names = new Set(reports.flatMap(({ score }) => score.probes.map(({ name }) => name)));
	return [...names].map((name) => {
		const base = first && probeOf(name, first);
		const cells = reports.map((report) => {
			const probe = probeOf(name, report);
			if (!wasRun(probe)) return { share: undefined, differs: false };
			const differs = wasRun(base) && changeOf(name, base.repaired, probe.repaired).isSignificant;
			return { share: probe.repaired.share, differs };
		});
		return { name, cells };
	});
}

/** The marks of several reports beside their probes: a name, then a text for each report. */
export function compareMarks(reports: readonly CheckReport[]): [name: string, ...texts: string[]][] {
	const rows: [string, ...string[]][] = [
		["with cc-any", ...reports.map(({ score }) => percent(score.repaired))],
		["raw", ...reports.map(({ score }) => percent(score.raw))],
		["grade", ...reports.map(({ score }) => score.grade)],
		["agent loops", ...reports.map(({ loops }) => doneText(loops.map(({ completed }) => completed)))],
		["Claude Code", ...reports.map(({ claude = [] }) => doneText(claude.map(({ passed }) => passed)))],
	];
	return rows.filter(([, ...texts]) => texts.some((text) => text !== NOTHING));
}

const NOTHING = "–";

function doneText(done: readonly boolean[]): string {
	return done.length === 0 ? NOTHING : `${done.filter(Boolean).length} of ${done.length} done`;
}

/** Several reports side by side on a terminal. */
export function describeComparison(reports: readonly CheckReport[]): string {
	const names = reports.map(({ profile, model }) => `${profile} · ${model}`);
	const head = ["PROBE", ...names].map((text) => style.heading(text));
	const probes = compareReports(reports);
	const isFull = ({ cells }: ComparedProbe) => cells.every(({ share }) => share === 1);
	const folded = probes.length > SCREEN ? probes.filter(isFull) : [];
	const shown = probes.filter((probe) => !folded.includes(probe));
	const rows = shown.map(({ name, cells }) => [name, ...cells.map(cellOf)]);
	const last = [["", ...names.map(() => "")], ...compareMarks(reports)];
	const expenses = reports.map(({ profile, expense }) => style.faint(`${profile}: ${expenseText(expense)}\n`));
	const full = foldedRows("held in every run of each", folded);
	return [table([head, ...rows, ...last]), full, "\n", ...expenses, style.faint(`${MARK}\n`)].join("");
}

function cellOf(cell: ComparedCell): string {
	const text = shareText(cell);
	if (cell.share === undefined) return style.faint(text);
	return cell.share === 1 ? style.success(text) : style.warning(text);
}

/** The share, and `*` where it differs significantly from the first. */
export function shareText({ share, differs }: ComparedCell): string {
	return share === undefined ? NOTHING : `${percent(share)}${differs ? " *" : ""}`;
}

function probeOf(name: string, report: CheckReport): ProbeScore | undefined {
	return report.score.probes.find((probe) => probe.name === name);
}

function wasRun(probe: ProbeScore | undefined): probe is ProbeScore {
	return probe !== undefined && probe.repaired.runs > 0;
}

/** What changed since an earlier report, in lines. */
export function describeChanges(before: CheckReport | undefined, after: CheckReport): string {
	const name = `${after.profile} · ${after.model}`;
	if (!before) return `\n${style.heading(`${name}: the first check that is kept`)}\n`;
	const rows = changesBetween(before, after).map((change) => {
		const chance = change.isSignificant ? style.warning("significant") : style.faint("may be chance");
		return [change.probe, arrow(change.before.share, change.after.share), chance];
	});
	const overall = overallChange(before, after);
	const isPartial =
		overall.after.repaired !== after.score.repaired || overall.before.repaired !== before.score.repaired;
	const scope = isPartial ? "by the probes that both ran" : "";
	rows.push(["overall", arrow(overall.before.repaired, overall.after.repaired), style.faint(scope)]);
	rows.push(["overall, raw", arrow(overall.before.raw, overall.after.raw), style.faint(scope)]);
	const date = new Date(before.startedAt).toISOString().slice(0, 16).replace("T", " ");
	return `\n${style.heading(`${name}, since ${date} UTC`)}\n${table(rows)}`;
}

function arrow(before: number, after: number): string {
	return `${percent(before)} → ${percent(after)}`;
}
