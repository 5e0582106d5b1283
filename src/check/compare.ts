import { style } from "../ui/style.ts";
import { table } from "../ui/table.ts";
import { differenceByChance, type Rate } from "./rate.ts";
import { type CheckReport, expenseText, percent } from "./report.ts";
import type { ProbeScore } from "./score.ts";

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

/** What is different between two reports, the surest first. Probes that only one of them ran are left out. */
export function changesBetween(before: CheckReport, after: CheckReport): Change[] {
	const changes = after.score.probes.flatMap(({ name, repaired }) => {
		const earlier = before.score.probes.find((probe) => probe.name === name)?.repaired;
		const isSame = !earlier || earlier.runs === 0 || repaired.runs === 0 || earlier.share === repaired.share;
		return isSame ? [] : [changeOf(name, earlier, repaired)];
	});
	return changes.sort((one, other) => one.chance - other.chance);
}

function changeOf(probe: string, before: Rate, after: Rate): Change {
	const chance = differenceByChance(before, after);
	return { probe, before, after, chance, isSignificant: chance < SIGNIFICANT };
}

/** Several reports side by side; `*` marks what differs significantly from the first. */
export function describeComparison(reports: readonly CheckReport[]): string {
	const [first] = reports;
	if (!first) return "";
	const names = reports.map(({ profile, model }) => `${profile} · ${model}`);
	const head = ["PROBE", ...names].map((text) => style.heading(text));
	const rows = first.score.probes.map(({ name }) => [name, ...reports.map((report) => cellOf(name, report, first))]);
	const overall = (of: "raw" | "repaired") => reports.map(({ score }) => percent(score[of]));
	const last = [
		["", ...names.map(() => "")],
		["with cc-any", ...overall("repaired")],
		["raw", ...overall("raw")],
		["grade", ...reports.map(({ score }) => style.heading(score.grade))],
	];
	const expenses = reports.map(({ profile, expense }) => style.faint(`${profile}: ${expenseText(expense)}\n`));
	const note = style.faint("* differs from the first with less than 5 % probability by chance (Fisher's exact test)\n");
	return [table([head, ...rows, ...last]), "\n", ...expenses, note].join("");
}

function cellOf(name: string, report: CheckReport, first: CheckReport): string {
	const probe = probeOf(name, report);
	if (!probe || probe.repaired.runs === 0) return style.faint("–");
	const other = probeOf(name, first);
	const differs = other && other.repaired.runs > 0 && changeOf(name, other.repaired, probe.repaired).isSignificant;
	const { share } = probe.repaired;
	const text = percent(share);
	return `${share === 1 ? style.success(text) : style.warning(text)}${differs ? " *" : ""}`;
}

function probeOf(name: string, report: CheckReport): ProbeScore | undefined {
	return report.score.probes.find((probe) => probe.name === name);
}

/** What changed since an earlier report, in lines. */
export function describeChanges(before: CheckReport | undefined, after: CheckReport): string {
	if (!before) return `\n${style.heading("Since the last check")}\n${style.faint("this is the first one kept")}\n`;
	const rows = changesBetween(before, after).map((change) => {
		const arrow = `${percent(change.before.share)} → ${percent(change.after.share)}`;
		const chance = change.isSignificant ? style.warning("significant") : style.faint("may be chance");
		return [change.probe, arrow, chance];
	});
	const { repaired, raw } = before.score;
	const date = new Date(before.startedAt).toISOString().slice(0, 16).replace("T", " ");
	rows.push(["overall", `${percent(repaired)} → ${percent(after.score.repaired)}`, ""]);
	rows.push(["overall, raw", `${percent(raw)} → ${percent(after.score.raw)}`, ""]);
	return `\n${style.heading(`Since ${date} UTC`)}\n${table(rows)}`;
}
