import { counted } from "../../../platform/figures.ts";
import { type Environment, learnedFolder } from "../../../platform/paths.ts";
import type { Profile } from "../../../profile/model/profile.ts";
import { FactFiles } from "../../../proxy/learning/fact-files.ts";
import { learnedModels } from "../../../proxy/learning/offer-facts.ts";
import type { DoctorFinding } from "./finding.ts";

const DAY_MS = 86_400_000;

/** What earlier runs have learned from the refusals of the profile's endpoints, each model a finding. */
export function examineLearned(profile: Profile, environment: Environment): DoctorFinding[] {
	const check = "learned";
	const files = new FactFiles({ folder: learnedFolder(environment) });
	const findings = learnedModels(profile, files).map(({ model, facts }): DoctorFinding => {
		const days = Math.floor((Date.now() - Math.min(...facts.map(({ at }) => at))) / DAY_MS);
		const text = `${model} gets requests ${facts.map(({ done }) => done).join(", ")}`;
		const since = `it refused other requests ${days === 0 ? "today" : `${counted(days, "day")} ago`}`;
		const shown = profile.isAddress ? "" : `cc-any profiles show ${profile.name} prints the lines for the profile; `;
		const fix = `${shown}cc-any --relearn tries again`;
		return { check, state: "ok", text: `${text}: ${since}`, fix };
	});
	const problems = files.takeProblems().map((text): DoctorFinding => ({ check, state: "warning", text }));
	return [...findings, ...problems];
}
