import { version } from "../../../../package.json";
import { lessonsOf } from "../../../check/lessons.ts";
import type { Probe } from "../../../check/probe.ts";
import type { CheckReport } from "../../../check/report/report.ts";
import type { CheckedProxy, SeenExchange } from "../../../check/run/ask.ts";
import { type CheckResult, runChecks } from "../../../check/run/run-checks.ts";
import { scoreOf } from "../../../check/run/score.ts";
import { processEnvironment } from "../../../platform/paths.ts";
import { modelOf, type Profile, targetOf } from "../../../profile/model/profile.ts";
import { secretsOf } from "../../../profile/model/secrets-of.ts";
import type { Divergence } from "../../../protocol/divergence.ts";
import { withoutParameter } from "../../../proxy/learning/refused-parameters.ts";
import { ruleOfDivergence } from "../../../trace/explain/rules/index.ts";
import type { ExchangeRecord } from "../../../trace/record/exchange-record.ts";
import { Redactor } from "../../../trace/record/redact.ts";
import { redactSequence } from "../../../trace/record/redact-sequence.ts";
import { withAskedLimits } from "../../main-limits.ts";
import { openProxy, Resources } from "../../session.ts";
import { tellProgress } from "../../ui/output.ts";

export interface ProfileCheckOptions {
	/** Runs of each probe. */
	runs: number;
	budget?: number | undefined;
	/** Agent loops after the probes, and the tool calls of each. */
	loops?: { count: number; calls: number } | undefined;
	/** Ends the check early, with the results so far. */
	signal?: AbortSignal | undefined;
}

/** Runs the probes against one profile, through a proxy of its own. */
export async function checkProfile(
	given: Profile,
	probes: readonly Probe[],
	options: ProfileCheckOptions,
): Promise<CheckReport> {
	const resources = new Resources();
	try {
		const profile = await withAskedLimits(given, { environment: processEnvironment() }, resources);
		const proxy = await openCheckedProxy(profile, resources);
		const show = progressOf(profile.name);
		const onProgress = show && ((done: number, total: number, what: string) => show(`${done} of ${total}, ${what}`));
		const result = await runChecks({ ...options, proxy, probes, isRepair, onProgress });
		return reportOf(profile, result);
	} finally {
		clearProgress();
		await resources.release();
	}
}

async function openCheckedProxy(profile: Profile, resources: Resources): Promise<CheckedProxy> {
	const seen = new Map<string, SeenExchange>();
	const onExchange = (record: ExchangeRecord): void => void seen.set(record.claudeSession ?? "", record);
	const { url, token } = await openProxy({ profile, onExchange }, resources);
	return { url, token, model: modelOf(profile, profile.tiers.opus), seen: (session) => seen.get(session) };
}

/** Whether a divergence is a repair of what the provider or the model did, as healthy exchanges have none. */
export function isRepair(divergence: Divergence): boolean {
	const rule = ruleOfDivergence(divergence);
	return rule !== undefined && !rule.routine && (rule.verdict === "provider" || rule.verdict === "model");
}

function reportOf(profile: Profile, { results, ...rest }: CheckResult): CheckReport {
	const target = targetOf(profile, rest.model);
	const { host, pathname } = new URL(target.baseUrl);
	const score = scoreOf(results);
	const divergences = results.flatMap(({ trials }) => trials.flatMap((trial) => trial.divergences));
	const refused = divergences.flatMap(({ data }) => data?.parameter ?? []);
	const adapted = refused.reduce((asked, parameter) => withoutParameter(asked, parameter) ?? asked, target);
	const lessons = lessonsOf({ score, target, adapted }, profile);
	const report = {
		profile: profile.name,
		endpoint: `${host}${pathname}` || profile.name,
		version,
		...rest,
		score,
		lessons,
	};
	// A report is sent to others, and quotes replies.
	const [clean = report] = redactSequence([report], new Redactor(secretsOf(profile), profile.redact));
	return clean;
}

/** Writes progress to one line of stderr that is overwritten. Undefined without a terminal. */
export function progressOf(profile: string): ((text: string) => void) | undefined {
	if (!process.stderr.isTTY) return undefined;
	return (text) => tellProgress(`${profile}: ${text}`);
}

export function clearProgress(): void {
	if (process.stderr.isTTY) tellProgress("");
}
