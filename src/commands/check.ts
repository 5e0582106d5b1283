import { writeFile } from "node:fs/promises";
import { version } from "../../package.json";
import type { Line, SeenExchange } from "../check/ask.ts";
import { describeChanges, describeComparison } from "../check/compare.ts";
import { keepReport, lastReport } from "../check/history.ts";
import { reportAsHtml } from "../check/html.ts";
import { reportAsMarkdown } from "../check/markdown.ts";
import type { Probe } from "../check/probe.ts";
import { PROBES } from "../check/probes/index.ts";
import { type CheckReport, describeReport } from "../check/report.ts";
import { type CheckResult, runChecks } from "../check/run-checks.ts";
import { scoreOf } from "../check/score.ts";
import { processEnvironment } from "../profile/environment.ts";
import { resolveProfile } from "../profile/load.ts";
import { modelOf, type Profile, targetOf } from "../profile/profile.ts";
import { openProxy, Resources } from "../session.ts";
import type { ExchangeRecord } from "../trace/exchange-record.ts";
import { ruleOf } from "../trace/rules.ts";
import { EXIT, UserError } from "../ui/fail.ts";
import { type Output, processOutput } from "../ui/io.ts";

export interface CheckCommandOptions {
	runs: number;
	/** Names of the probes to run; all when absent. */
	only?: string[] | undefined;
	json?: boolean | undefined;
	model?: string | undefined;
	region?: string | undefined;
	costly?: boolean | undefined;
	markdown?: boolean | undefined;
	/** File for the page with charts. */
	html?: string | undefined;
	sinceLast?: boolean | undefined;
	/** Least overall share, 0 to 1, for exit code 0. */
	gate?: number | undefined;
	budget?: number | undefined;
	/** Tool calls of an agent loop after the probes; no loop when absent. */
	turns?: number | undefined;
	/** How many such loops. */
	loops?: number | undefined;
}

/** `cc-any check PROFILE…`: tries what a provider does with Claude Code's kind of requests. */
export async function check(
	names: readonly string[],
	options: CheckCommandOptions,
	output: Output = processOutput(),
): Promise<void> {
	const probes = chosenProbes(options);
	const profiles: Profile[] = [];
	// Before the first request: a key that is missing for the second profile must not cost the first one's check.
	for (const name of names) profiles.push(await profileOf(name, options));
	const environment = processEnvironment();
	const reports: CheckReport[] = [];
	const earlier = new Map<CheckReport, CheckReport | undefined>();
	for (const profile of profiles) {
		const report = await checkProfile(profile, probes, options);
		earlier.set(report, await lastReport(report, environment));
		await keepReport(report, environment);
		reports.push(report);
	}
	output.write(shown(reports, options));
	if (options.sinceLast && !options.json) {
		for (const report of reports) output.write(describeChanges(earlier.get(report), report));
	}
	if (options.html !== undefined) await writeFile(options.html, reportAsHtml(reports));
	const { gate } = options;
	if (gate !== undefined && reports.some(({ score }) => score.repaired < gate)) process.exitCode = EXIT.failure;
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

/** Runs the probes against one profile, through a proxy of its own. */
export async function checkProfile(
	profile: Profile,
	probes: readonly Probe[],
	{ runs, budget, turns, loops: count = 1 }: Pick<CheckCommandOptions, "runs" | "budget" | "turns" | "loops">,
): Promise<CheckReport> {
	const resources = new Resources();
	const abort = new AbortController();
	const interrupt = () => abort.abort();
	process.on("SIGINT", interrupt);
	resources.add(() => void process.off("SIGINT", interrupt));
	try {
		const line = await openLine(profile, resources);
		const onProgress = progressOf(profile.name);
		const loops = turns === undefined ? undefined : { count, calls: turns };
		const { signal } = abort;
		const result = await runChecks({ line, probes, runs, loops, budget, isRepair, onProgress, signal });
		return reportOf(profile, result);
	} finally {
		clearProgress();
		await resources.release();
	}
}

async function openLine(profile: Profile, resources: Resources): Promise<Line> {
	const seen = new Map<string, SeenExchange>();
	const onExchange = (record: ExchangeRecord): void => void seen.set(record.claudeSession ?? "", record);
	const { url, token } = await openProxy({ profile, onExchange }, resources);
	return { url, token, model: modelOf(profile, profile.tiers.opus), seen: (session) => seen.get(session) };
}

/** Something that the provider or the model did, and that a healthy exchange does not have. */
function isRepair(kind: string): boolean {
	const rule = ruleOf(kind);
	return rule !== undefined && !rule.routine && (rule.verdict === "provider" || rule.verdict === "model");
}

function reportOf(profile: Profile, { results, ...rest }: CheckResult): CheckReport {
	const { host, pathname } = new URL(targetOf(profile, rest.model).baseUrl);
	const endpoint = `${host}${pathname}` || profile.name;
	return { profile: profile.name, endpoint, version, ...rest, score: scoreOf(results) };
}

/** One line on stderr that is written over again, on a terminal alone. */
function progressOf(profile: string): ((done: number, total: number, probe: string) => void) | undefined {
	if (!process.stderr.isTTY) return undefined;
	return (done, total, probe) => process.stderr.write(`\r\u001b[K${profile}: ${done} of ${total}, ${probe}`);
}

function clearProgress(): void {
	if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
}
