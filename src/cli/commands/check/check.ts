import { writeFile } from "node:fs/promises";
import type { Probe } from "../../../check/probe.ts";
import { PROBES } from "../../../check/probes/index.ts";
import { changesBetween, overallChange } from "../../../check/report/compare.ts";
import { keepReport, lastReports } from "../../../check/report/history.ts";
import { reportAsHtml } from "../../../check/report/html.ts";
import { reportsAsMarkdown } from "../../../check/report/markdown.ts";
import { type CheckReport, sharePercent } from "../../../check/report/report.ts";
import { INTERRUPTED } from "../../../check/run/run-checks.ts";
import { findClaude } from "../../../launch/find-claude.ts";
import { packageRoot } from "../../../platform/package-root.ts";
import { processEnvironment } from "../../../platform/paths.ts";
import { EXIT, UserError } from "../../../platform/user-error.ts";
import type { Profile } from "../../../profile/model/profile.ts";
import { resolveProfile } from "../../../profile/resolve/resolve-profile.ts";
import { type CommandOutput, processOutput } from "../../ui/output.ts";
import { style } from "../../ui/style.ts";
import { checkProfile } from "./check-profile.ts";
import { requireConsent } from "./consent.ts";
import { describeChanges, describeComparison } from "./describe-comparison.ts";
import { describeReport } from "./describe-report.ts";
import { forget, learn, undo } from "./learn.ts";
import { runClaudeTasks } from "./run-claude.ts";

export interface CheckCommandOptions {
	runs: number;
	/** Names of the probes to run; all if absent. */
	only?: string[] | undefined;
	model?: string | undefined;
	region?: string | undefined;
	costly?: boolean | undefined;
	/** Tool calls of an agent loop after the probes; no loop if absent. */
	turns?: number | undefined;
	/** How many such loops. */
	loops: number;
	/** Also run the real Claude Code. */
	withClaude?: boolean | undefined;
	/** The claude program. */
	claude?: string | undefined;
	budget?: number | undefined;
	yes?: boolean | undefined;
	/** Least overall share, 0 to 1, for exit code 0. */
	gate?: number | undefined;
	apply?: boolean | undefined;
	forget?: boolean | undefined;
	/** Take back the last `--apply`; check nothing. */
	undo?: boolean | undefined;
	sinceLast?: boolean | undefined;
	json?: boolean | undefined;
	markdown?: boolean | undefined;
	/** File for the page with charts. */
	html?: string | undefined;
}

/** Tool calls of Claude Code's trail without `--turns`. */
const DEFAULT_CLAUDE_CALLS = 60;

/** A report, and the one before it of the same profile and model. */
interface Checked {
	report: CheckReport;
	before: CheckReport | undefined;
}

/** `cc-any check PROFILE…`: tests how a provider handles requests like those of Claude Code. */
export async function check(
	names: readonly string[],
	options: CheckCommandOptions,
	output: CommandOutput = processOutput(),
): Promise<void> {
	const environment = processEnvironment();
	if (options.forget) return forget(names, environment, output);
	if (options.undo) return undo(names, environment, output);
	const probes = chosenProbes(options);
	// All profiles before the first request, so that a missing key of the second does not waste the first check.
	const profiles: Profile[] = [];
	for (const name of names) profiles.push(await profileOf(name, options));
	await requireConsent(profiles, { ...plan(options), probes }, output);
	const checked: Checked[] = [];
	const abort = new AbortController();
	const interrupt = () => abort.abort();
	process.on("SIGINT", interrupt);
	for (const profile of profiles) {
		const report = await checkWithin(profile, probes, options, abort.signal);
		const [before] = await lastReports(report, environment, 1);
		await keepReport(report, environment);
		checked.push({ report, before });
		if (report.stopped === INTERRUPTED) break;
	}
	process.off("SIGINT", interrupt);
	output.write(shown(checked, options));
	const reports = checked.map(({ report }) => report);
	if (options.html !== undefined) await writeFile(options.html, reportAsHtml(reports));
	judgeByGate(reports, options, output);
	for (const [index, report] of reports.entries()) {
		const { apply = false } = options;
		await learn(report, { name: names[index] ?? report.profile, apply, environment }, output);
	}
}

function judgeByGate(reports: readonly CheckReport[], { gate }: CheckCommandOptions, output: CommandOutput): void {
	for (const { profile, model, score } of reports) {
		if (gate === undefined || score.repaired >= gate) continue;
		process.exitCode = EXIT.failure;
		output.tell(
			`${style.error("gate:")} ${profile} · ${model} has ${sharePercent(score.repaired)}, below ${sharePercent(gate)}\n`,
		);
	}
}

/** The check of one profile, followed by the real Claude Code if that was requested. */
async function checkWithin(
	profile: Profile,
	probes: readonly Probe[],
	options: CheckCommandOptions,
	signal: AbortSignal,
): Promise<CheckReport> {
	// A missing claude is reported before anything is paid for.
	const claude = options.withClaude ? locateClaude(options.claude) : undefined;
	const { claudeCalls: calls, budget, ...rest } = plan(options);
	const report = await checkProfile(profile, probes, { ...rest, budget, signal });
	if (claude === undefined || report.stopped !== undefined) return report;
	return runClaudeTasks(report, { profile, claude, calls, budget, signal });
}

function locateClaude(given: string | undefined): string {
	return findClaude({ given, variables: process.env, packageRoot: packageRoot() });
}

function shown(checked: readonly Checked[], { json, markdown, sinceLast }: CheckCommandOptions): string {
	const reports = checked.map(({ report }) => report);
	if (json) return `${JSON.stringify(sinceLast ? checked.map(withChanges) : reports, undefined, 2)}\n`;
	const changes = sinceLast ? checked.map(({ before, report }) => describeChanges(before, report)).join("") : "";
	if (markdown) return reportsAsMarkdown(reports) + (changes && `\n\`\`\`${changes}\`\`\`\n`);
	const [only] = reports;
	const isAlone = only !== undefined && reports.length === 1;
	return (isAlone ? describeReport(only, process.stdout.columns) : describeComparison(reports)) + changes;
}

/** For `--json --since-last`: the report with its changes. */
function withChanges({ report, before }: Checked): object {
	if (!before) return { ...report, since: null };
	const changes = changesBetween(before, report);
	return { ...report, since: { startedAt: before.startedAt, overall: overallChange(before, report), changes } };
}

function chosenProbes({ only, costly }: CheckCommandOptions): readonly Probe[] {
	if (!only) return PROBES.filter((probe) => costly || !probe.costly);
	const unknown = only.find((name) => !PROBES.some((probe) => probe.name === name));
	if (unknown === undefined) return PROBES.filter((probe) => only.includes(probe.name));
	throw new UserError(`there is no probe ${unknown}`, {
		hint: `the probes: ${PROBES.map((probe) => probe.name).join(", ")}`,
		exitCode: EXIT.usage,
	});
}

/** Without fallbacks and without `vision`: another provider's answer says nothing about this one. */
async function profileOf(name: string, { model, region }: CheckCommandOptions): Promise<Profile> {
	const { profile } = await resolveProfile({ profile: name, model, region, cwd: process.cwd() });
	return { ...profile, fallbacks: [], vision: undefined };
}

/** What the options ask for. */
function plan({ runs, budget, turns, loops: count, withClaude, yes = false }: CheckCommandOptions) {
	const loops = turns === undefined ? { count: 0, calls: 0 } : { count, calls: turns };
	return { runs, budget, loops, claudeCalls: withClaude ? (turns ?? DEFAULT_CLAUDE_CALLS) : 0, yes };
}
