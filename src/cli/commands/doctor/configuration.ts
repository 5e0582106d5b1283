import { join } from "node:path";
import { configFolder, type Environment } from "../../../platform/paths.ts";
import { UserError } from "../../../platform/user-error.ts";
import { describeKeyOrigin } from "../../../profile/keys/key-origin.ts";
import { describeVision } from "../../../profile/model/describe-model.ts";
import { describeInputRule } from "../../../profile/model/input-rule.ts";
import { type Profile, targetOf } from "../../../profile/model/profile.ts";
import type { ProfileReport, ResolvedProfile } from "../../../profile/report.ts";
import { chooseProfile } from "../../../profile/resolve/choose.ts";
import { resolveProfile, type Selection } from "../../../profile/resolve/resolve-profile.ts";
import { overridesOfFlags, overridesOfVariables } from "../../../profile/sources/overrides.ts";
import { readSources } from "../../../profile/sources/sources.ts";
import type { DoctorFinding } from "./finding.ts";

/** The config files that were found, the profile that they add up to, and its key. */
export interface Configuration {
	findings: DoctorFinding[];
	/** Undefined if it cannot be used. */
	resolved: ResolvedProfile | undefined;
}

/** Reads the configuration as a run would; mistakes become findings instead of errors. */
export async function examineConfiguration(selection: Selection, environment: Environment): Promise<Configuration> {
	const findings: DoctorFinding[] = [];
	const files = await examine("config files", findings, () => describeFiles(selection, environment));
	if (files === undefined) return { findings, resolved: undefined };
	const resolved = await examine("profile", findings, () => resolveProfile(selection, environment));
	if (!resolved) return { findings, resolved: undefined };
	const { profile, report } = resolved;
	findings.push(
		{ check: "profile", state: "ok", text: await describeChoice(selection, environment, profile) },
		{ check: "values", state: "ok", text: describeOrigins(profile, report) },
		{ check: "key", state: "ok", text: keyText(profile, report) },
		...(profile.vision ? [{ check: "vision", state: "ok", text: describeVision(profile.vision) } as const] : []),
		...(profile.repairs ?? []).map(
			(rule): DoctorFinding => ({ check: "repair", state: "ok", text: describeInputRule(rule) }),
		),
		...report.warnings.map((text): DoctorFinding => ({ check: "profile", state: "warning", text })),
	);
	return { findings, resolved };
}

/** Runs the action; a `UserError` becomes a finding. */
async function examine<T>(check: string, findings: DoctorFinding[], action: () => Promise<T>): Promise<T | undefined> {
	try {
		const value = await action();
		if (typeof value === "string") findings.push({ check, state: "ok", text: value });
		return value;
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		findings.push({ check, state: "failed", text: error.message, fix: error.hint });
		return undefined;
	}
}

async function describeFiles({ cwd }: Selection, environment: Environment): Promise<string> {
	const { user, project } = await readSources(environment, cwd);
	const found = [project && `project ${project.file}`, user && `yours ${user.file}`].filter(Boolean);
	if (found.length === 0) return `none (looked for ${join(configFolder(environment), "config.yaml")} and a project's)`;
	return found.length === 2 ? `${found.join(", ")}; the project's takes precedence` : String(found[0]);
}

const CHOSEN_BY = {
	flag: "named on the command line",
	variable: "named by a variable",
	project: "named by the project's config",
	user: "named by your config",
	settings: "from the modelOverrides block in Claude's settings",
} as const;

async function describeChoice(selection: Selection, environment: Environment, profile: Profile): Promise<string> {
	const sources = await readSources(environment, selection.cwd);
	const variables = overridesOfVariables(environment.env);
	const chosen = await chooseProfile(overridesOfFlags(selection), variables, selection.cwd, sources);
	return `${profile.name} (${profile.title}), ${CHOSEN_BY[chosen.chosenBy]}`;
}

/** The values that decide where requests go, each with its origin. */
function describeOrigins(profile: Profile, report: ProfileReport): string {
	const origins = report.origins();
	const { model, dialect, baseUrl } = targetOf(profile, profile.tiers.opus);
	const from = (field: string) => (origins[field] ? ` (${origins[field]})` : "");
	return `${model}${from("tiers.opus")} at ${baseUrl}${from(`endpoints.${dialect}.baseUrl`)}`;
}

function keyText({ key, keys }: Profile, { keyOrigin, keyOptional }: ProfileReport): string {
	if (keys) return `${keys.length} keys in this order: ${keys.map(({ name }) => name).join(", ")}`;
	if (key !== undefined && keyOrigin) return `set, ${describeKeyOrigin(keyOrigin)}`;
	return keyOptional ? "not needed" : "each model has its own";
}
