import { policyNamed } from "../../upstream/failures/table.ts";
import type { Evidence } from "../probe.ts";
import { type Rate, rateOf } from "./rate.ts";
import type { ProbeResult, Trial } from "./run-checks.ts";

export interface ProbeScore {
	name: string;
	claim: string;
	weight: number;
	/** As the provider sent the replies. */
	raw: Rate;
	/** After cc-any's repairs. */
	repaired: Rate;
	skipped?: string | undefined;
	/** What went wrong in the first trial that failed; otherwise what the last one saw. */
	detail: string;
	evidence?: Evidence | undefined;
	/** Medians of the figures of the trials. */
	figures: Record<string, number>;
}

/** One defect, reported once even if several probes saw it. */
export interface CheckFinding {
	/** A probe whose claim does not hold, a kind of repair, `unavailable: CLASS`, or `failed: CLASS`. */
	name: string;
	type: "claim" | "repair" | "outage" | "failure";
	/** Trials in which it was seen. */
	seen: number;
	/** Trials of the probes that saw it. */
	runs: number;
	/** Trials that failed with it. */
	failed: number;
	probes: string[];
	detail: string;
	evidence?: Evidence | undefined;
}

/** `–`: no probe was run. */
export type Grade = "A" | "B" | "C" | "D" | "F" | "–";

export interface Score {
	/** Weighted means of the shares, 0 to 1. Skipped probes do not count. */
	raw: number;
	repaired: number;
	grade: Grade;
	probes: ProbeScore[];
	findings: CheckFinding[];
}

/** Least overall share after repairs for each grade. */
export const GRADES: readonly (readonly [Grade, number])[] = [
	["A", 0.95],
	["B", 0.85],
	["C", 0.7],
	["D", 0.5],
	["F", 0],
];

/** The score of a check. */
export function scoreOf(results: readonly ProbeResult[]): Score {
	const probes = results.map(probeScore);
	return { ...overallOf(probes), probes, findings: findingsOf(results) };
}

/** The overall grade of some probes. Those that were not run do not count. */
export function overallOf(probes: readonly ProbeScore[]): Pick<Score, "raw" | "repaired" | "grade"> {
	const counted = probes.filter(({ repaired }) => repaired.runs > 0);
	const repaired = weightedShare(counted, "repaired");
	const grade = counted.length === 0 ? "–" : (GRADES.find(([, least]) => repaired >= least)?.[0] ?? "F");
	return { raw: weightedShare(counted, "raw"), repaired, grade };
}

function probeScore({ name, claim, weight, trials, skipped }: ProbeResult): ProbeScore {
	const count = (of: "raw" | "passed") => rateOf(trials.filter((trial) => trial[of]).length, trials.length);
	const shown = trials.find((trial) => !trial.passed) ?? trials.at(-1);
	const detail = skipped ?? shown?.detail ?? "not run";
	return {
		name,
		claim,
		weight,
		raw: count("raw"),
		repaired: count("passed"),
		skipped,
		detail,
		...(shown?.evidence && { evidence: shown.evidence }),
		figures: medians(trials),
	};
}

function weightedShare(probes: readonly ProbeScore[], of: "raw" | "repaired"): number {
	const weights = probes.reduce((sum, probe) => sum + probe.weight, 0);
	const sum = probes.reduce((total, probe) => total + probe.weight * probe[of].share, 0);
	return weights === 0 ? 0 : sum / weights;
}

function medians(trials: readonly Trial[]): Record<string, number> {
	const names = new Set(trials.flatMap(({ figures = {} }) => Object.keys(figures)));
	return Object.fromEntries(
		[...names].map((name) => [name, median(trials.flatMap((trial) => trial.figures?.[name] ?? []))]),
	);
}

function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length / 2;
	return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

/** A trial is explained by what ended it, else by its repairs. Only one without either is a finding about the claim. */
function findingsOf(results: readonly ProbeResult[]): CheckFinding[] {
	const findings = new Map<string, CheckFinding>();
	for (const { name, trials } of results) {
		for (const trial of trials) {
			for (const cause of causesOf(name, trial)) add(findings, cause, name, trial);
		}
	}
	const runsOf = (probes: readonly string[]) =>
		results.filter(({ name }) => probes.includes(name)).reduce((sum, { trials }) => sum + trials.length, 0);
	return [...findings.values()]
		.map((finding) => ({ ...finding, runs: runsOf(finding.probes) }))
		.sort((one, other) => other.failed - one.failed || other.seen - one.seen);
}

type Cause = Pick<CheckFinding, "name" | "type">;

function causesOf(probe: string, trial: Trial): Cause[] {
	if (trial.failure !== undefined) return [causeOfFailure(trial.failure)];
	const survived = trial.survived.map(causeOfFailure);
	if (trial.repairs.length > 0) return [...survived, ...trial.repairs.map((name): Cause => ({ name, type: "repair" }))];
	return trial.passed ? survived : [...survived, { name: probe, type: "claim" }];
}

function causeOfFailure(name: string): Cause {
	const isOutage = policyNamed(name)?.outage === true;
	return isOutage ? { name: `unavailable: ${name}`, type: "outage" } : { name: `failed: ${name}`, type: "failure" };
}

function add(findings: Map<string, CheckFinding>, { name, type }: Cause, probe: string, trial: Trial): void {
	const finding = findings.get(name) ?? newFinding({ name, type }, trial);
	finding.seen++;
	if (!trial.passed) finding.failed++;
	if (!finding.probes.includes(probe)) finding.probes.push(probe);
	findings.set(name, finding);
}

function newFinding({ name, type }: Cause, { divergences, ...trial }: Trial): CheckFinding {
	const divergence = divergences.findLast(
		({ kind, data }) => kind === name || (data?.failureClass !== undefined && name.endsWith(`: ${data.failureClass}`)),
	);
	const maxOutput = divergence?.data?.maxOutput;
	const evidence = divergence ? maxOutput !== undefined && { maxOutput } : trial.evidence;
	const isFailure = divergence?.data?.failureClass !== undefined;
	const detail = (isFailure ? divergence?.seen : divergence?.done) ?? trial.detail;
	return { name, type, seen: 0, runs: 0, failed: 0, probes: [], detail, ...(evidence && { evidence }) };
}
