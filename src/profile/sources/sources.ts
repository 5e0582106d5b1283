import { dirname, parse, resolve } from "node:path";
import { nearest } from "../../platform/nearest.ts";
import { type Environment, expandHome } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { interpolate } from "../documents/interpolate.ts";
import type { FieldPath } from "../documents/parse-source.ts";
import type { ProfileFile } from "../model/schema.ts";
import { builtinNames, builtinWithAlias, hasBuiltin, readBuiltin } from "./builtin.ts";
import {
	type Config,
	findProjectConfig,
	hasUserProfile,
	readProfileFile,
	readUserConfig,
	readUserProfile,
	userProfileNames,
} from "./config-files.ts";
import type { Layer } from "./layer.ts";
import { readLearned } from "./learned.ts";
import { fetchedLayers } from "./model-lists.ts";
import { assertTrusted } from "./trust.ts";

/** The config files in use. Built-in and user profiles are read only when they are named. */
export interface Sources {
	environment: Environment;
	user: Config | undefined;
	project: Config | undefined;
	/** Why the project's config cannot be read: an error only for a run that needs it. */
	projectProblem?: UserError | undefined;
}

/** A name, or a file, and who chose it: a file that a project chose must be trusted. */
export interface Reference {
	name: string;
	kind: "user" | "project";
	/** Folder that a relative path starts from. */
	folder: string;
}

/** A profile's layers, the lowest first. */
export interface NamedLayers {
	name: string;
	layers: Layer[];
}

/** Reads the user's and the project's config. `CC_ANY_IGNORE_PROJECT=1` ignores the project's. */
export async function readSources(environment: Environment, cwd: string): Promise<Sources> {
	const ignored = environment.env["CC_ANY_IGNORE_PROJECT"];
	const user = await readUserConfig(environment);
	if (ignored && ignored !== "0") return { environment, user, project: undefined };
	try {
		return { environment, user, project: await findProjectConfig(cwd, environment.home) };
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		return { environment, user, project: undefined, projectProblem: error };
	}
}

/** Whether a profile is named by its file. */
export function isFile(name: string): boolean {
	return /[/\\]/.test(name) || /\.(?:ya?ml|json|toml)$/.test(name);
}

/**
 * All layers of a profile, the lowest first: what it extends, then built-in, the user's file, the user's config, the
 * project's. Throws a `UserError` for an unknown name, with the nearest known one.
 */
export async function layersOf(
	reference: Reference,
	sources: Sources,
	seen: readonly string[] = [],
): Promise<NamedLayers> {
	const { name, layers } = await ownLayers(reference, sources);
	if (seen.includes(name)) {
		throw new UserError(`profile ${seen[0]} extends itself: ${[...seen, name].join(" → ")}`, {
			hint: "remove one `extends`",
			exitCode: EXIT.config,
		});
	}
	const parent = parentOf(name, layers, sources.environment);
	if (!parent) return { name, layers };
	const inherited = await layersOf(parent, sources, [...seen, name]);
	return { name, layers: [...inherited.layers.map(withoutIdentity), ...layers] };
}

/** Every profile that can be chosen by name, sorted. */
export function profileNames({ environment, user, project }: Sources): string[] {
	const names = new Set([
		...builtinNames(),
		...userProfileNames(environment),
		...Object.keys(user?.values.profiles ?? {}),
		...Object.keys(project?.values.profiles ?? {}),
	]);
	return [...names].sort();
}

/** The name of a profile that may have been given by an alias. */
export async function canonicalName(name: string, sources: Sources): Promise<string> {
	if (isFile(name) || hasBuiltin(name) || hasOwnProfile(name, sources)) return name;
	return (await nameWithAlias(name, sources)) ?? name;
}

/** Whether the user or the project has something to say about a profile of this name. */
export function hasOwnProfile(name: string, { environment, user, project }: Sources): boolean {
	if (hasUserProfile(name, environment)) return true;
	return [user, project].some((config) => Object.hasOwn(config?.values.profiles ?? {}, name));
}

/** A part of a config file as a layer. */
export function configLayer(config: Config, values: ProfileFile, path: FieldPath): Layer {
	const { kind, file, document, prefix } = config;
	return { values, kind, source: file, folder: dirname(file), document, prefix: [...prefix, ...path] };
}

async function ownLayers(reference: Reference, sources: Sources): Promise<NamedLayers> {
	if (isFile(reference.name)) {
		const file = pathOf(reference, sources.environment);
		const layer = await readProfileFile(file, reference.kind);
		const name = layer.values.name ?? parse(file).name;
		return { name, layers: [...fetchedLayers(name, sources.environment), layer] };
	}
	const name = await canonicalName(reference.name, sources);
	const layers = await layersByName(name, sources);
	if (layers.length === 0) throw unknownProfile(reference.name, sources);
	return { name, layers };
}

async function layersByName(name: string, { environment, user, project }: Sources): Promise<Layer[]> {
	const builtin = await readBuiltin(name);
	const own = [await readUserProfile(name, environment), namedLayer(user, name)];
	// Lists and learned values of a profile that no longer exists do not bring it back.
	const isKnown = [builtin, ...own].some((layer) => layer !== undefined);
	const fetched = isKnown ? fetchedLayers(name, environment) : [];
	const learned = isKnown ? await readLearned(name, environment) : undefined;
	const layers = [...fetched, builtin, learned, ...own].filter((layer) => layer !== undefined);
	const projectLayer = namedLayer(project, name);
	if (!projectLayer) return layers;
	// Another provider's addresses under a profile that has its own key would send the key there.
	const guarded = isKnown && projectLayer.values.extends ? ["extends"] : undefined;
	return [...layers, { ...projectLayer, guarded }];
}

/** What a config file says about a profile under `profiles`. */
function namedLayer(config: Config | undefined, name: string): Layer | undefined {
	const profiles = config?.values.profiles ?? {};
	if (!config || !Object.hasOwn(profiles, name)) return undefined;
	return configLayer(config, profiles[name] ?? {}, ["profiles", name]);
}

/** The profile that has an alias. The user's aliases beat built-in ones; a project's beat neither. */
async function nameWithAlias(alias: string, { environment, user, project }: Sources): Promise<string | undefined> {
	return (
		configNameWithAlias(user, alias) ??
		(await userNameWithAlias(alias, environment)) ??
		(await builtinWithAlias(alias)) ??
		configNameWithAlias(project, alias)
	);
}

function configNameWithAlias(config: Config | undefined, alias: string): string | undefined {
	const profiles = Object.entries(config?.values.profiles ?? {});
	return profiles.find(([, profile]) => profile.aliases?.includes(alias))?.[0];
}

async function userNameWithAlias(alias: string, environment: Environment): Promise<string | undefined> {
	for (const name of userProfileNames(environment)) {
		const layer = await readUserProfile(name, environment);
		if (layer?.values.aliases?.includes(alias)) return name;
	}
	return undefined;
}

/** The profile that the topmost `extends` names. A profile that extends its own name only adds to it. */
function parentOf(name: string, layers: readonly Layer[], environment: Environment): Reference | undefined {
	const layer = layers.findLast(({ values }) => values.extends !== undefined);
	if (!layer?.values.extends) return undefined;
	// Before any variable of the user's is read into it.
	assertTrusted(layer, environment);
	const parent = interpolate(layer.values.extends, environment.env, { profile: name, field: "extends" });
	if (parent === name) return undefined;
	return { name: parent, kind: layer.kind === "project" ? "project" : "user", folder: layer.folder };
}

/** A child inherits a profile's values, not its name, aliases, status and sources. */
function withoutIdentity(layer: Layer): Layer {
	const { name: _name, aliases: _aliases, status: _status, sources: _sources, ...values } = layer.values;
	return { ...layer, values };
}

function pathOf({ name, folder }: Reference, environment: Environment): string {
	return resolve(folder, expandHome(name, environment.home));
}

/** No file defines a profile of this name. */
export class UnknownProfile extends UserError {}

function unknownProfile(name: string, sources: Sources): UnknownProfile {
	const names = profileNames(sources);
	const guess = names.find((each) => name.length > 2 && each.startsWith(name)) ?? nearest(name, names);
	return new UnknownProfile(`there is no profile named ${name}`, {
		hint: guess ? `did you mean ${guess}? \`cc-any profiles\` lists all` : "`cc-any profiles` lists all",
		exitCode: EXIT.config,
	});
}
