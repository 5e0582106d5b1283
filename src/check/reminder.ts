import type { Environment } from "../platform/paths.ts";
import { modelOf, type Profile } from "../profile/model/profile.ts";
import { overallChange } from "./report/compare.ts";
import { lastReports } from "./report/history.ts";
import { sharePercent } from "./report/report.ts";

/**
 * The reminder at the start of a session: the main model was never checked, or its last check has a lower grade than the
 * one before, compared by the probes that both ran. Undefined when there is nothing to say.
 */
export async function reminderOf(
	profile: Profile,
	/** The profile as the user named it, which may be a file. */
	named: string,
	environment: Environment,
): Promise<string | undefined> {
	const model = modelOf(profile, profile.tiers.opus).id;
	const [last, before] = await lastReports({ profile: profile.name, model }, environment, 2);
	const name = `${profile.name} · ${model}`;
	if (!last) return `${name} was never checked; cc-any check ${named}`;
	if (!before) return undefined;
	const overall = overallChange(before, last);
	// Grades are letters: a later letter is worse.
	if (overall.after.grade <= overall.before.grade) return undefined;
	const grades = [overall.before, overall.after].map(({ grade, repaired }) => `${grade} (${sharePercent(repaired)})`);
	const day = new Date(last.startedAt).toISOString().slice(0, 10);
	return `${name} fell from ${grades.join(" to ")} in its check of ${day}; cc-any check ${named} --since-last`;
}
