import { dirname, isAbsolute, join, resolve } from "node:path";
import { nearest } from "../../platform/nearest.ts";
import type { Environment } from "../../platform/paths.ts";
import { EXIT, UserError } from "../../platform/user-error.ts";
import { interpolate } from "../documents/interpolate.ts";
import type { FieldPath } from "../documents/parse-source.ts";
import type { ProfileFile } from "../model/schema.ts";
import { readSeenWindows } from "../state/seen-models.ts";
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
import { readCatalogue } from "./model-lists.ts";

/** The config files in play. Built-in and user profiles are read only when they are named. */
export interface Sources {
	environment: Environment;
	user: Config | undefined;
	project: Config | undefined;
}

/** A name, or a file, and who chose it: a file that a project chose is bound by trust. */
export interface Reference {
	name: string;
	kind: "user" | "project";
	/** Folder that a relative path starts from. */
	folder: string;
}

/** Reads the user's and the project's config. `CC_ANY_IGNORE_PROJECT=1` leaves the project out. */
export async function readSources(environment: Environment, cwd: string): Promise<Sources> {
	const ignored = environment.env["CC_ANY_IGNORE_PROJECT"];
	const user = await readUserConfig(environment);
	const project = ignored && ignored !== "0" ? undefined : await findProjectConfig(cwd, environment.home);
	return { environment, user, project };
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
): Promise<{ name: string; layers: Layer[] }> {
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
export async function profileNames(sources: Sources): Promise<string[]> {
	const names = new Set([
		...(await builtinNames()),
		...userProfileNames(sources.environment),
		...Object.keys(sources.user?.values.profiles ?? {}),
		...Object.keys(sources.project?.values.profiles ?? {}),
	]);
	return [...names].sort();
}

/** The name that a profile goes by, which may have been given as an alias. */
export async function canonicalName(name: string, sources: Sources): Promise<string> {
	if (isFile(name) || isNamed(name, sources)) return name;
	return (await aliasOwner(name, sources)) ?? name;
}

async function ownLayers(reference: Reference, sources: Sources): Promise<{ name: string; layers: Layer[] }> {
	if (isFile(reference.name)) {
		const path = expand(reference, sources.environment);
		const layer = await readProfileFile(path, reference.kind);
		const name = layer.values.name ?? path.replace(/^.*[/\\]|\.[^.]*$/g, "");
		return { name, layers: [...(await readCatalogues(name, sources.environment)), layer] };
	}
	const name = await canonicalName(reference.name, sources);
	const layers = await namedLayers(name, sources);
	if (layers.length === 0) throw await unknownProfile(reference.name, sources);
	return { name, layers };
}

/** Whether a profile of this very name is anywhere; reads no profile. */
function isNamed(name: string, sources: Sources): boolean {
	return hasBuiltin(name) || hasOwnProfile(name, sources);
}

/** Whether the user or the project says something about a profile of this name. */
export function hasOwnProfile(name: string, { environment, user, project }: Sources): boolean {
	if (hasUserProfile(name, environment)) return true;
	return [user, project].some((config) => Object.hasOwn(config?.values.profiles ?? {}, name));
}

async function namedLayers(name: string, sources: Sources): Promise<Layer[]> {
	const builtin = await readBuiltin(name);
	const own = [await readUserProfile(name, sources.environment), configLayer(sources.user, name)];
	// Without a profile to lie on, what was learned of it is nothing.
	const isKnown = [builtin, ...own].some((layer) => layer !== undefined);
	const learned = isKnown ? await readLearned(name, sources.environment) : undefined;
	const catalogues = isKnown ? await readCatalogues(name, sources.environment) : [];
	const layers = [...catalogues, builtin, learned, ...own].filter((layer) => layer !== undefined);
	const project = configLayer(sources.project, name);
	if (!project) return layers;
	// Another provider's addresses under a profile that has a key of its own would send the key there.
	return [...layers, layers.length > 0 && project.values.extends ? { ...project, guarded: ["extends"] } : project];
}

/** What was asked about a profile's models: a public catalogue knows less than the provider itself. */
async function readCatalogues(name: string, environment: Environment): Promise<Layer[]> {
	const layers = [await readCatalogue(name, environment), await readSeenWindows(name, environment)];
	return layers.filter((layer) => layer !== undefined);
}

/** What a config file says about a profile under `profiles`. */
function configLayer(config: Config | undefined, name: string): Layer | undefined {
	const profiles = config?.values.profiles;
	if (!config || !profiles || !Object.hasOwn(profiles, name)) return undefined;
	return layerOf(config, profiles[name] ?? {}, ["profiles", name]);
}

/** A part of a config file as a layer. */
export function layerOf(config: Config, values: ProfileFile, path: FieldPath): Layer {
	const { kind, file, document, prefix } = config;
	return { values, kind, source: file, folder: dirname(file), document, prefix: [...prefix, ...path] };
}

/** An alias of the user's wins over a built-in one, and a project can take neither away. */
async function aliasOwner(alias: string, sources: Sources): Promise<string | undefined> {
	const own = inConfig(sources.user, alias) ?? (await userAliasOwner(alias, sources.environment));
	return own ?? (await builtinWithAlias(alias))?.values.name ?? inConfig(sources.project, alias);
}

function inConfig(config: Config | undefined, alias: string): string | undefined {
	const profiles = Object.entries(config?.values.profiles ?? {});
	return profiles.find(([, profile]) => profile.aliases?.includes(alias))?.[0];
}

async function userAliasOwner(alias: string, environment: Environment): Promise<string | undefined> {
	for (const name of userProfileNames(environment)) {
		const layer = await readUserProfile(name, environment);
		if (layer?.values.aliases?.includes(alias)) return name;
	}
	return undefined;
}

/** The profile that the topmost `extends` names. A profile that extends its own name just adds to it. */
function parentOf(name: string, layers: readonly Layer[], environment: Environment): Reference | undefined {
	const layer = layers.findLast(({ values }) => values.extends !== undefined);
	if (!layer?.values.extends) return undefined;
	const parent = interpolate(layer.values.extends, environment.env, { profile: name, field: "extends" });
	if (parent === name) return undefined;
	return { name: parent, kind: layer.kind === "project" ? "project" : "user", folder: layer.folder };
}

/** A child takes over what a profile says, not what it is called. */
function withoutIdentity(layer: Layer): Layer {
	const { name: _name, aliases: _aliases, status: _status, sources: _sources, ...values } = layer.values;
	return { ...layer, values };
}

function expand({ name, folder }: Reference, environment: Environment): string {
	if (name.startsWith("~/")) return join(environment.home, name.slice(2));
	return isAbsolute(name) ? name : resolve(folder, name);
}

async function unknownProfile(name: string, sources: Sources): Promise<UserError> {
	const guess = nearest(name, await profileNames(sources));
	return new UserError(`there is no profile named ${name}`, {
		hint: guess ? `did you mean ${guess}? \`cc-any profiles\` lists all` : "`cc-any profiles` lists all",
		exitCode: EXIT.config,
	});
}
