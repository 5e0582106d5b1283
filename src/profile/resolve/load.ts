import { nearest } from "../../platform/nearest.ts";
import { type Environment, processEnvironment } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { interpolate } from "../documents/interpolate.ts";
import { type Resolve, resolveFallbacks, resolveOthers } from "../model/others.ts";
import type { Profile } from "../model/profile.ts";
import { claudeSettingsWarnings } from "../sources/claude-settings.ts";
import { type Merged, mergeLayers, overlayLayer, overlayRegion } from "../sources/layer.ts";
import { layerOfOverrides, type Overrides, overridesOfFlags, overridesOfVariables } from "../sources/overrides.ts";
import { canonicalName, isFile, readSources, type Sources } from "../sources/sources.ts";
import { resolveMerged } from "./build-profile.ts";
import { type Base, baseOf, chooseBase } from "./choose.ts";

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
	/** Folder that the search for a project file and relative paths start from. */
	cwd: string;
}

export interface ResolveOptions {
	/** For showing a profile: a key, a variable or a model that is missing is left out instead of being an error. */
	tolerant?: boolean | undefined;
	/** The config files, where they were read before: many profiles are then resolved from one reading. */
	sources?: Sources | undefined;
}

/**
 * Finds the profile that flags, CC_ANY_* variables, project, user and built-in files add up to, in this order of
 * weight, and reads its key. Throws a `UserError` for all that a user can get wrong.
 */
export async function resolveProfile(
	selection: Selection,
	environment: Environment = processEnvironment(),
	options: ResolveOptions = {},
): Promise<Profile> {
	const sources = options.sources ?? (await readSources(environment, selection.cwd));
	const merged = await mergeSelected(selection, sources);
	const profile = await resolveMerged(merged, environment, options);
	const warnings = await claudeSettingsWarnings(environment);
	// No project silences what the user wants to hear.
	const { checkReminder } = { ...sources.project?.values, ...sources.user?.values };
	const told = { ...profile, checkReminder, warnings: [...(profile.warnings ?? []), ...warnings] };
	if (options.tolerant) return told;
	const fallbacks = await resolveFallbacks(profile, resolverFor("fallback", merged, sources));
	const others = await resolveOthers(profile, resolverFor("also", merged, sources));
	return { ...told, fallbacks, others };
}

/** Resolves the names in a field. They are as much to be trusted as the file that the field stands in. */
function resolverFor(field: string, merged: Merged, sources: Sources): Resolve {
	const giver = merged.givenBy.get(field)?.layer;
	const kind = giver?.kind === "project" ? "project" : "user";
	return async (name) => {
		const base = await baseOf({ name, kind, folder: giver?.folder ?? "." }, "user", sources);
		return resolveMerged(await mergeBase(base, [], sources), sources.environment, {});
	};
}

async function mergeSelected(selection: Selection, sources: Sources): Promise<Merged> {
	const flags = overridesOfFlags(selection);
	const variables = overridesOfVariables(sources.environment.env);
	const base = await chooseBase(flags, variables, selection.cwd, sources);
	const applying = (await variablesBelong(variables, base, sources)) ? [variables, flags] : [flags];
	return mergeBase(base, applying, sources);
}

async function mergeBase(base: Base, overrides: readonly Overrides[], { environment }: Sources): Promise<Merged> {
	for (const layer of base.layers) {
		if (layer.kind !== "project") continue;
		const { demandTrust } = await import("../sources/trust.ts");
		await demandTrust(layer, environment);
	}
	return assemble(base, overrides, environment);
}

/**
 * Variables belong to the profile that they name: an address or key for one must not be used with another. An address
 * given by flag takes nothing from variables for the same reason.
 */
async function variablesBelong({ profile }: Overrides, base: Base, sources: Sources): Promise<boolean> {
	if (base.adHoc && base.chosenBy === "flag") return false;
	if (!profile || base.chosenBy === "variable") return true;
	return !isFile(profile) && (await canonicalName(profile, sources)) === base.name;
}

/** Lays the region, the variables and the flags over what the files say. */
function assemble(base: Base, overrides: readonly Overrides[], environment: Environment): Merged {
	const merged = mergeLayers(base.name, base.layers);
	const asked = overrides.findLast(({ region }) => region)?.region ?? merged.values.region;
	if (asked) {
		const region = interpolate(asked, environment.env, { profile: base.name, field: "region" });
		demandRegion(merged, region);
		overlayRegion(merged, region);
		merged.values.region = region;
	}
	for (const override of overrides) overlayLayer(merged, layerOfOverrides(override, merged.values.dialect));
	return merged;
}

function demandRegion({ name, values }: Merged, region: string): void {
	const known = Object.keys(values.regions ?? {});
	if (known.includes(region)) return;
	const guess = nearest(region, known);
	const there = known.length > 0 ? `it has ${known.join(", ")}` : "it has none";
	throw new UserError(`profile ${name} has no region ${region}; ${there}`, {
		hint: guess ? `did you mean ${guess}?` : `\`cc-any profiles show ${name}\` shows the profile`,
		exitCode: EXIT.config,
	});
}
