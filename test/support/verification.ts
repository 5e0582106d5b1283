import { PROBES } from "../../src/check/probes/index.ts";
import type { CheckReport } from "../../src/check/report/report.ts";
import type { ProfileFile } from "../../src/profile/model/schema.ts";

/** Runs of each probe that a report needs at least. */
const LEAST_RUNS = 3;
const GRADES = ["A", "B"];

/** Why a report does not verify a built-in profile; none: it does. */
export function reasonsAgainst(report: CheckReport, profile: ProfileFile): string[] {
	const { score, runs, stopped, lessons, endpoint, model } = report;
	const places = [profile, ...Object.values(profile.regions ?? {})].flatMap((place) =>
		Object.values(place.endpoints ?? {}).map((one) => endpointKey(one?.baseUrl ?? "")),
	);
	const models = [profile.model, ...Object.values(profile.tiers ?? {})];
	const missing = PROBES.filter(({ name, costly }) => !costly && !isTried(report, name)).map(({ name }) => name);
	const reasons: readonly (readonly [boolean, string])[] = [
		[report.profile !== profile.name, `it is of ${report.profile}`],
		[!places.includes(endpoint), `${endpoint} is not an endpoint of the profile`],
		[!models.includes(model), `${model} is the model of no tier`],
		[stopped !== undefined, `it stopped early: ${stopped}`],
		[runs < LEAST_RUNS, `${runs} runs are fewer than ${LEAST_RUNS}`],
		[missing.length > 0, `not run: ${missing.join(", ")}`],
		[!GRADES.includes(score.grade), `its grade is ${score.grade}`],
		[lessons.length > 0, `the profile does not say yet what it taught: ${lessons.map(({ path }) => path.join("."))}`],
	];
	return reasons.filter(([holds]) => holds).map(([, reason]) => reason);
}

/** Run as often as asked for, or left out because the profile says that the model cannot do it. */
function isTried({ score, runs }: CheckReport, name: string): boolean {
	const probe = score.probes.find((one) => one.name === name);
	return probe !== undefined && (probe.skipped !== undefined || probe.repaired.runs === runs);
}

function endpointKey(baseUrl: string): string {
	if (!URL.canParse(baseUrl)) return baseUrl;
	const { host, pathname } = new URL(baseUrl);
	return `${host}${pathname}`;
}
