import {
	type ComparedCell,
	type ComparedProbe,
	changesBetween,
	compareOverall,
	compareReports,
	overallChange,
	SIGNIFICANCE_NOTE,
	shareText,
} from "../../../check/report/compare.ts";
import { type CheckReport, expenseText, sharePercent } from "../../../check/report/report.ts";
import { style } from "../../ui/style.ts";
import { table } from "../../ui/table.ts";
import { foldedRows, MAX_TABLE_ROWS } from "./describe-report.ts";

/** Several reports side by side on a terminal. */
export function describeComparison(reports: readonly CheckReport[]): string {
	const names = reports.map(({ profile, model }) => `${profile} · ${model}`);
	const head = ["PROBE", ...names].map((text) => style.heading(text));
	const probes = compareReports(reports);
	const isFull = ({ cells }: ComparedProbe) => cells.every(({ share }) => share === 1);
	const folded = probes.length > MAX_TABLE_ROWS ? probes.filter(isFull) : [];
	const shown = probes.filter((probe) => !folded.includes(probe));
	const rows = shown.map(({ name, cells }) => [name, ...cells.map(cellOf)]);
	const last = [["", ...names.map(() => "")], ...compareOverall(reports)];
	const expenses = reports.map(({ profile, expense }) => style.faint(`${profile}: ${expenseText(expense)}\n`));
	const full = foldedRows("held in every run of each", folded);
	return [table([head, ...rows, ...last]), full, "\n", ...expenses, style.faint(`${SIGNIFICANCE_NOTE}\n`)].join("");
}

function cellOf(cell: ComparedCell): string {
	const text = shareText(cell);
	if (cell.share === undefined) return style.faint(text);
	return cell.share === 1 ? style.success(text) : style.warning(text);
}

/** What changed since an earlier report. */
export function describeChanges(before: CheckReport | undefined, after: CheckReport): string {
	const name = `${after.profile} · ${after.model}`;
	if (!before) return `\n${style.heading(`${name}: no earlier check is kept`)}\n`;
	const rows = changesBetween(before, after).map((change) => {
		const chance = change.isSignificant ? style.warning("significant") : style.faint("may be chance");
		return [change.probe, arrow(change.before.share, change.after.share), chance];
	});
	const overall = overallChange(before, after);
	const isPartial =
		overall.after.repaired !== after.score.repaired || overall.before.repaired !== before.score.repaired;
	const scope = isPartial ? "compared by the probes that both ran" : "";
	rows.push(["overall", arrow(overall.before.repaired, overall.after.repaired), style.faint(scope)]);
	rows.push(["overall, raw", arrow(overall.before.raw, overall.after.raw), style.faint(scope)]);
	const date = new Date(before.startedAt).toISOString().slice(0, 16).replace("T", " ");
	return `\n${style.heading(`${name}, since ${date} UTC`)}\n${table(rows)}`;
}

function arrow(before: number, after: number): string {
	return `${sharePercent(before)} → ${sharePercent(after)}`;
}
