import type { Environment } from "../platform/paths.ts";
import { modelOf, type Profile } from "../profile/model/profile.ts";
import { overallChange } from "./report/compare.ts";
import { lastReports } from "./report/history.ts";
import { percent } from "./report/report.ts";

/**
 * What a start may say in one line about the main model's checks: that there is none, or that the last one has a lower
 * grade than the one before, by the probes that both ran. Undefined: nothing.
 */
export async function reminderOf(
	profile: Profile,
	/** As the user named it, which may be a file. */
	named: string,
	environment: Environment,
): Promise<string | undefined> {
	const model = modelOf(profile, profile.tiers.opus).id;
	const [last, before] = await lastReports({ profile: profile.name, model }, environment, 2);
	const name = `${profile.name} · ${model}`;
	if (!last) return `${name} was never checked; cc-any check ${named}`;
	if (!before) return undefined;
	const overall = overallChange(before, last);
	// Grades are letters: the later one is the worse.
	if (overall.after.grade <= overall.before.grade) return undefined;
	const marks = [overall.before, overall.after].map(({ grade, repaired }) => `${grade} (${percent(repaired)})`);
	const day = new Date(last.startedAt).toISOString().slice(0, 10);
	return `${name} fell from ${marks.join(" to ")} in its check of ${day}; cc-any check ${named} --since-last`;
}
