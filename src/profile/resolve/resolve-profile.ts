import { nearest } from "../../platform/nearest.ts";
import { type Environment, processEnvironment } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { interpolate } from "../documents/interpolate.ts";
import { withModel } from "../model/profile.ts";
import type { ResolvedProfile } from "../report.ts";
import { claudeSettingsWarnings } from "../sources/claude-settings.ts";
import { type Merged, mergeLayers, overlayLayer, overlayRegion } from "../sources/layer.ts";
import { layerOfOverrides, type Overrides, overridesOfFlags, overridesOfVariables } from "../sources/overrides.ts";
import { canonicalName, isFile, readSources, type Sources, UnknownProfile } from "../sources/sources.ts";
import { assertTrusted, UntrustedFile } from "../sources/trust.ts";
import { buildProfile } from "./build-profile.ts";
import { type ChosenProfile, chooseProfile, findProfile } from "./choose.ts";
import { resolveRoutes, resolveVision } from "./model-rules.ts";
import { type FindProfile, resolveFallbacks, resolveOthers } from "./named-profiles.ts";

/** What the user asked for on the command line. */
export interface Selection {
	/** Name, alias or file of a profile. */
	profile?: string | undefined;
	baseUrl?: string | undefined;
	/** Model of every tier. With a named profile `--model` belongs to claude, and the launch leaves this empty. */
	model?: string | undefined;
	dialect?: string | undefined;
	/** Name of the variable that holds the key. */
	keyEnv?: string | undefined;
	region?: string | undefined;
	/** `profile/model` that describes images to models that cannot see them. */
	vision?: string | undefined;
	/** Context window of the main model: `32k`. */
	context?: string | undefined;
	/** Folder where the search for a project file starts, and which relative paths start from. */
	cwd: string;
}

export interface ResolveOptions {
	/** For showing a profile: a missing key, variable or model is omitted instead of being an error. */
	tolerant?: boolean | undefined;
	/** For a dry run: a missing key is no error. */
	keyless?: boolean | undefined;
	/** The config files, if they were read before: many profiles can then be resolved from one reading. */
	sources?: Sources | undefined;
}

/**
 * Finds the profile that flags, CC_ANY_* variables, project, user and built-in files add up to, in this order of
 * precedence, and reads its key. Throws a `UserError` for all that a user can get wrong.
 */
export async function resolveProfile(
	selection: Selection,
	environment: Environment = processEnvironment(),
	options: ResolveOptions = {},
): Promise<ResolvedProfile> {
	const sources = options.sources ?? (await readSources(environment, selection.cwd));
	const given = { flags: overridesOfFlags(selection), variables: overridesOfVariables(environment.env) };
	const resolveFrom = (from: Sources) => resolveGiven(given, from, selection.cwd, options);
	const isNamed = Object.values(given).some(({ profile, baseUrl }) => profile ?? baseUrl);
	if (!isNamed) return resolveFrom(sources);
	let problem = sources.projectProblem;
	try {
		if (!problem) return await resolveFrom(sources);
	} catch (error) {
		if (!(error instanceof UntrustedFile)) throw error;
		problem = error;
	}
	return resolveWithoutProject(problem, sources, resolveFrom);
}

/**
 * The profile that the user named, without the project's file, which is broken or not trusted. Throws that problem when
 * the profile is defined nowhere else.
 */
async function resolveWithoutProject(
	problem: UserError,
	sources: Sources,
	resolveFrom: (sources: Sources) => Promise<ResolvedProfile>,
): Promise<ResolvedProfile> {
	try {
		const resolved = await resolveFrom({ ...sources, project: undefined, projectProblem: undefined });
		resolved.report.warnings.push(`${problem.message.split("\n")[0]}; it is ignored`);
		return resolved;
	} catch (error) {
		throw error instanceof UnknownProfile ? problem : error;
	}
}

async function resolveGiven(
	{ flags, variables }: { flags: Overrides; variables: Overrides },
	sources: Sources,
	cwd: string,
	options: ResolveOptions,
): Promise<ResolvedProfile> {
	const { environment } = sources;
	const chosen = await chooseProfile(flags, variables, cwd, sources);
	const applying = (await variablesApply(variables, chosen, sources)) ? [variables, flags] : [flags];
	const merged = await mergeChosen(chosen, applying, environment);
	const { profile: built, report } = await buildProfile(merged, environment, options);
	// The user's own number says nothing about an address or a key, so it applies to whatever was chosen.
	report.context = flags.context ?? variables.context;
	const own = report.context && withModel(built, built.tiers.opus, { contextWindow: report.context });
	const profile = { ...(own || built), isAddress: chosen.adHoc };
	report.warnings.push(...(await claudeSettingsWarnings(environment)));
	// The user's setting has precedence over the project's: a project cannot hide what the user wants to see.
	const { checkReminder = false } = { ...sources.project?.values, ...sources.user?.values };
	report.checkReminder = checkReminder;
	if (options.tolerant) return { profile, report };
	const { fallback = [], also = [] } = report;
	const fallbacks = await resolveFallbacks(profile, fallback, finderFor("fallback", merged, sources));
	const others = await resolveOthers(profile, also, finderFor("also", merged, sources));
	const routes = await resolveRoutes(profile, merged, finderFor("routes", merged, sources));
	const vision = await resolveVision(profile, merged, finderFor("vision", merged, sources));
	return { profile: { ...profile, fallbacks, others, routes, vision }, report };
}

/** Finds the profiles that a field names. They need trust if the file that sets the field does. */
function finderFor(field: string, merged: Merged, sources: Sources): FindProfile {
	const layer = merged.givenBy.get(field)?.layer;
	const kind = layer?.kind === "project" ? "project" : "user";
	return async (name, model) => {
		const chosen = await findProfile({ name, kind, folder: layer?.folder ?? "." }, "user", sources);
		const found = await mergeChosen(chosen, [], sources.environment);
		// A local server has the models that its user has loaded.
		if (model !== undefined) found.values.tiers ??= { opus: model };
		const { profile } = await buildProfile(found, sources.environment);
		return profile;
	};
}

/**
 * Variables apply to the profile that they name: an address or key for one must not be used with another. For the same
 * reason, an address given by flag takes nothing from variables.
 */
async function variablesApply({ profile }: Overrides, chosen: ChosenProfile, sources: Sources): Promise<boolean> {
	if (chosen.adHoc && chosen.chosenBy === "flag") return false;
	if (!profile || chosen.chosenBy === "variable") return true;
	return !isFile(profile) && (await canonicalName(profile, sources)) === chosen.name;
}

/** Merges what the files say, which must be trusted, then the region, the variables and the flags. */
async function mergeChosen(
	{ name, layers }: ChosenProfile,
	overrides: readonly Overrides[],
	environment: Environment,
): Promise<Merged> {
	for (const layer of layers) assertTrusted(layer, environment);
	const merged = mergeLayers(name, layers);
	const asked = overrides.findLast(({ region }) => region)?.region ?? merged.values.region;
	if (asked) {
		const region = interpolate(asked, environment.env, { profile: name, field: "region" });
		assertRegion(merged, region);
		overlayRegion(merged, region);
		merged.values.region = region;
	}
	for (const override of overrides) overlayLayer(merged, layerOfOverrides(override, merged.values.dialect));
	return merged;
}

function assertRegion({ name, values }: Merged, region: string): void {
	const known = Object.keys(values.regions ?? {});
	if (known.includes(region)) return;
	const guess = nearest(region, known);
	const choices = known.length > 0 ? `it has ${known.join(", ")}` : "it has none";
	throw new UserError(`profile ${name} has no region ${region}; ${choices}`, {
		hint: guess ? `did you mean ${guess}?` : `\`cc-any profiles show ${name}\` shows the profile`,
		exitCode: EXIT.config,
	});
}
