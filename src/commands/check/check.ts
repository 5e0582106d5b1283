import { writeFile } from "node:fs/promises";
import { describeChanges, describeComparison } from "../../check/compare.ts";
import { estimateExpense } from "../../check/estimate.ts";
import { keepReport, lastReport } from "../../check/history.ts";
import { reportAsHtml } from "../../check/html.ts";
import { reportAsMarkdown } from "../../check/markdown.ts";
import type { Probe } from "../../check/probe.ts";
import { PROBES } from "../../check/probes/index.ts";
import { type CheckReport, describeReport, expenseText } from "../../check/report.ts";
import { findClaude } from "../../launch/find-claude.ts";
import { packageRoot } from "../../package-root.ts";
import { processEnvironment } from "../../profile/environment.ts";
import { resolveProfile } from "../../profile/load.ts";
import { modelOf, type Profile } from "../../profile/profile.ts";
import { EXIT, UserError } from "../../ui/fail.ts";
import { type Output, processOutput } from "../../ui/io.ts";
import { checkProfile, type ProfileCheckOptions } from "./check-profile.ts";
import { runClaudeLoop } from "./claude-loop.ts";
import { confirm } from "./confirm.ts";
import { forget, learn } from "./learn.ts";

export interface CheckCommandOptions {
	runs: number;
	/** Names of the probes to run; all when absent. */
	only?: string[] | undefined;
	model?: string | undefined;
	region?: string | undefined;
	costly?: boolean | undefined;
	/** Tool calls of an agent loop after the probes; no loop when absent. */
	turns?: number | undefined;
	/** How many such loops. */
	loops: number;
	/** Run the real Claude Code on a trail too. */
	withClaude?: boolean | undefined;
	/** The claude program. */
	claude?: string | undefined;
	budget?: number | undefined;
	yes?: boolean | undefined;
	/** Least overall share, 0 to 1, for exit code 0. */
	gate?: number | undefined;
	apply?: boolean | undefined;
	forget?: boolean | undefined;
	sinceLast?: boolean | undefined;
	json?: boolean | undefined;
	markdown?: boolean | undefined;
	/** File for the page with charts. */
	html?: string | undefined;
}

/** Calls of Claude Code's own loop where `--turns` names none. */
const CLAUDE_CALLS = 60;
/** US dollars above which a person at a terminal is asked first. */
const ASK_ABOVE = 1;

/** `cc-any check PROFILE…`: tries what a provider does with Claude Code's kind of requests. */
export async function check(
	names: readonly string[],
	options: CheckCommandOptions,
	output: Output = processOutput(),
): Promise<void> {
	const environment = processEnvironment();
	if (options.forget) return forget(names, environment, output);
	const probes = chosenProbes(options);
	// All of them before the first request: a key that is missing for the second must not cost the first one's check.
	const profiles: Profile[] = [];
	for (const name of names) profiles.push(await profileOf(name, options));
	await demandConsent(profiles, probes, options, output);
	const reports: CheckReport[] = [];
	const earlier: (CheckReport | undefined)[] = [];
	for (const profile of profiles) {
		const report = await checkWithin(profile, probes, options);
		earlier.push(await lastReport(report, environment));
		await keepReport(report, environment);
		reports.push(report);
	}
	output.write(shown(reports, options));
	if (options.sinceLast && !options.json) {
		for (const [index, report] of reports.entries()) output.write(describeChanges(earlier[index], report));
	}
	if (options.html !== undefined) await writeFile(options.html, reportAsHtml(reports));
	const { gate, apply = false } = options;
	if (gate !== undefined && reports.some(({ score }) => score.repaired < gate)) process.exitCode = EXIT.failure;
	for (const [index, report] of reports.entries()) {
		await learn(report, { name: names[index] ?? report.profile, apply, environment }, output);
	}
}

/** The check of one profile, and the real Claude Code after it where that was asked for. */
async function checkWithin(
	profile: Profile,
	probes: readonly Probe[],
	options: CheckCommandOptions,
): Promise<CheckReport> {
	// Not found is told before anything is paid for.
	const claude = options.withClaude ? locateClaude(options.claude) : undefined;
	const report = await checkProfile(profile, probes, runOptions(options));
	if (claude === undefined || report.stopped !== undefined) return report;
	return { ...report, claudeLoop: await runClaudeLoop(profile, options.turns ?? CLAUDE_CALLS, claude) };
}

function locateClaude(given: string | undefined): string {
	return findClaude({ given, environment: process.env, packageRoot: packageRoot() });
}

function shown(reports: readonly CheckReport[], { json, markdown }: CheckCommandOptions): string {
	if (json) return `${JSON.stringify(reports, undefined, 2)}\n`;
	if (markdown) return reports.map(reportAsMarkdown).join("\n");
	return reports.length > 1 ? describeComparison(reports) : reports.map(describeReport).join("");
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

/** The profile alone: what another one answers says nothing about it. */
async function profileOf(name: string, { model, region }: CheckCommandOptions): Promise<Profile> {
	const profile = await resolveProfile({ profile: name, model, region, cwd: process.cwd() });
	return { ...profile, fallbacks: [] };
}

function runOptions({ runs, budget, turns, loops: count }: CheckCommandOptions): ProfileCheckOptions {
	return { runs, budget, loops: turns === undefined ? undefined : { count, calls: turns } };
}

/** Tells a person what it will take, and asks where that is much. A script has said so by its call and `--budget`. */
async function demandConsent(
	profiles: readonly Profile[],
	probes: readonly Probe[],
	options: CheckCommandOptions,
	output: Output,
): Promise<void> {
	if (!process.stdin.isTTY || !process.stderr.isTTY || options.yes) return;
	const { runs, loops = { count: 0, calls: 0 } } = runOptions(options);
	for (const profile of profiles) {
		const model = modelOf(profile, profile.tiers.opus);
		const expense = await estimateExpense({ probes, runs, loops, model });
		output.tell(`${profile.name}: about ${expenseText(expense)}\n`);
		const isMuch = (expense.cost ?? 0) > ASK_ABOVE;
		if (isMuch && !(await confirm("Go on?")))
			throw new UserError("nothing was sent", { hint: "--runs 1, --budget, --only" });
	}
}
