import { outcomeText } from "../claude/task.ts";
import { countVerdicts, degradesAt, type LoopResult } from "../loop/run-loop.ts";
import { GRADES, type ProbeScore } from "../run/score.ts";
import { compareOverall, compareReports, SIGNIFICANCE_NOTE, shareText } from "./compare.ts";
import { type CheckReport, expenseText, figuresText, interval, sharePercent } from "./report.ts";

/** Reports as Markdown, for an issue or a page; several of them side by side first. */
export function reportsAsMarkdown(reports: readonly CheckReport[]): string {
	const sections = reports.map(reportAsMarkdown);
	return (reports.length > 1 ? [comparison(reports), ...sections] : sections).join("\n");
}

function comparison(reports: readonly CheckReport[]): string {
	const head = ["probe", ...reports.map(({ profile, model }) => cell(`${profile} · ${model}`))];
	const rows = compareReports(reports).map(({ name, cells }) => [name, ...cells.map(shareText)]);
	rows.push(...compareOverall(reports).map(([name, ...texts]) => [`**${name}**`, ...texts]));
	const lines = [head, ["---", ...reports.map(() => "---:")], ...rows].map((cells) => `| ${cells.join(" | ")} |`);
	return ["## Side by side", "", ...lines, "", `${cell(SIGNIFICANCE_NOTE)}.`, ""].join("\n");
}

function reportAsMarkdown(report: CheckReport): string {
	const { profile, model, endpoint, version, startedAt, runs, score, expense, stopped } = report;
	const lines = [
		`## ${cell(profile)} · ${cell(model)}: grade ${score.grade}`,
		"",
		`${new Date(startedAt).toISOString()}, ${endpoint}, ${runs} runs, cc-any ${version}. ${expenseText(expense)}.`,
		"",
		`**${sharePercent(score.repaired)}** with cc-any, **${sharePercent(score.raw)}** raw (as the provider sent it). ${gradeText()}`,
		...(stopped ? ["", `Stopped early: ${stopped}.`] : []),
		"",
		"| probe | claim | weight | raw | repaired | 95 % | |",
		"| --- | --- | ---: | ---: | ---: | --- | --- |",
		...score.probes.map(rowOf),
		...findingLines(report),
		...report.loops.flatMap(loopLines),
		...claudeLines(report),
	];
	return `${lines.join("\n")}\n`;
}

/** How the grade is made, in words. */
export function gradeText(): string {
	const grades = GRADES.map(([grade, least]) => `${grade} from ${sharePercent(least)}`).join(", ");
	return `Overall: mean of the probes by weight, without the skipped ones; ${grades}.`;
}

function rowOf({ name, claim, weight, raw, repaired, skipped, detail, figures }: ProbeScore): string {
	if (skipped !== undefined || repaired.runs === 0) {
		return `| ${name} | ${claim} | ${weight} | – | – | | not run: ${cell(detail)} |`;
	}
	const shown = repaired.share < 1 ? detail : figuresText(figures);
	const cells = [
		name,
		claim,
		weight,
		sharePercent(raw.share),
		sharePercent(repaired.share),
		interval(repaired),
		cell(shown),
	];
	return `| ${cells.join(" | ")} |`;
}

function findingLines({ score }: CheckReport): string[] {
	const others = score.findings.filter(({ type }) => type !== "claim");
	if (others.length === 0) return [];
	const lines = others.map(({ name, seen, runs, failed, probes }) => {
		const result = failed > 0 ? `${failed} failed nevertheless` : "all repaired";
		return `- **${name}** in ${seen} of ${runs} runs (${probes.join(", ")}), ${result}`;
	});
	return ["", "### Repairs and outages", "", ...lines];
}

function loopLines({ demanded, made, end, turns }: LoopResult): string[] {
	const counts = Object.entries(countVerdicts(turns)).map(([name, count]) => `${count} ${name}`);
	const from = degradesAt(turns);
	const degraded = from === undefined ? "no degradation" : `degrades from turn ${from} on`;
	return ["", "### Agent loop", "", `${made} of ${demanded} calls, ${cell(end)}; ${counts.join(", ")}; ${degraded}.`];
}

function claudeLines({ claude = [] }: CheckReport): string[] {
	if (claude.length === 0) return [];
	const lines = claude.map((outcome) => {
		return `- **${outcome.task}** ${outcome.passed ? "done" : "failed"}: ${cell(outcomeText(outcome))}`;
	});
	return ["", "### Real Claude Code", "", ...lines];
}

/** Foreign text in one cell. It must not add columns, lines or HTML. */
function cell(text: string): string {
	return text.replace(/\s+/g, " ").replace(/[\\|`*_[\]<>]/g, "\\$&");
}
