import { differenceByChance, type Rate } from "../run/rate.ts";
import { overallOf, type ProbeScore, type Score } from "../run/score.ts";
import { type CheckReport, sharePercent } from "./report.ts";

/** Chance below which a difference is called significant. */
const SIGNIFICANCE_LEVEL = 0.05;

/** A probe whose share after repairs has changed. */
export interface ProbeChange {
	probe: string;
	before: Rate;
	after: Rate;
	/** Probability of such a difference by chance alone. */
	chance: number;
	isSignificant: boolean;
}

/** A probe in several reports: the share in each, undefined if it was not run. */
export interface ComparedProbe {
	name: string;
	/** In the order of the reports. */
	cells: ComparedCell[];
}

export interface ComparedCell {
	share: number | undefined;
	/** Differs significantly from the first report. */
	differs: boolean;
}

/** Explains the `*` of a comparison. */
export const SIGNIFICANCE_NOTE = "* significantly different from the first (Fisher's exact test, below 5 %)";

/** The differences between two reports, the most significant first. Probes that only one of them ran are left out. */
export function changesBetween(before: CheckReport, after: CheckReport): ProbeChange[] {
	const changes = after.score.probes.flatMap((probe) => {
		const earlier = probeOf(probe.name, before);
		const isSame = !wasRun(earlier) || !wasRun(probe) || earlier.repaired.share === probe.repaired.share;
		return isSame ? [] : [changeOf(probe.name, earlier.repaired, probe.repaired)];
	});
	return changes.sort((one, other) => one.chance - other.chance);
}

/** The overall grades of two reports, from the probes that both ran: another choice of probes is no change of the provider. */
export function overallChange(before: CheckReport, after: CheckReport): { before: Overall; after: Overall } {
	const common = (one: CheckReport, other: CheckReport) =>
		overallOf(one.score.probes.filter(({ name }) => wasRun(probeOf(name, other)) && wasRun(probeOf(name, one))));
	return { before: common(before, after), after: common(after, before) };
}

type Overall = Pick<Score, "raw" | "repaired" | "grade">;

function changeOf(probe: string, before: Rate, after: Rate): ProbeChange {
	const chance = differenceByChance(before, after);
	return { probe, before, after, chance, isSignificant: chance < SIGNIFICANCE_LEVEL };
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

/** The overall results of several reports: a name, then a text for each report. */
export function compareOverall(reports: readonly CheckReport[]): [name: string, ...texts: string[]][] {
	const rows: [string, ...string[]][] = [
		["with cc-any", ...reports.map(({ score }) => sharePercent(score.repaired))],
		["raw", ...reports.map(({ score }) => sharePercent(score.raw))],
		["grade", ...reports.map(({ score }) => score.grade)],
		["agent loops", ...reports.map(({ loops }) => doneText(loops.map(({ completed }) => completed)))],
		["Claude Code", ...reports.map(({ claude = [] }) => doneText(claude.map(({ passed }) => passed)))],
	];
	return rows.filter(([, ...texts]) => texts.some((text) => text !== NOTHING));
}

/** In place of a share that does not exist. */
const NOTHING = "–";

function doneText(done: readonly boolean[]): string {
	return done.length === 0 ? NOTHING : `${done.filter(Boolean).length} of ${done.length} done`;
}

/** The share, with `*` if it differs significantly from the first. */
export function shareText({ share, differs }: ComparedCell): string {
	return share === undefined ? NOTHING : `${sharePercent(share)}${differs ? " *" : ""}`;
}

function probeOf(name: string, report: CheckReport): ProbeScore | undefined {
	return report.score.probes.find((probe) => probe.name === name);
}

function wasRun(probe: ProbeScore | undefined): probe is ProbeScore {
	return probe !== undefined && probe.repaired.runs > 0;
}
