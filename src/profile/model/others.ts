import { EXIT, UserError } from "../../platform/user-error.ts";
import type { Fallback, Profile } from "./profile.ts";

/** Finds a profile that another one names. */
export type Resolve = (name: string) => Promise<Profile>;

/**
 * Resolves `fallback: [name, …]`. A name is a model of the profile itself, a profile, or `profile/model`. A fallback's
 * own fallbacks do not count: the chain is the one that the chosen profile names.
 */
export async function resolveFallbacks(profile: Profile, resolve: Resolve): Promise<Fallback[]> {
	return Promise.all((profile.fallback ?? []).map((name) => resolveFallback(profile, name, resolve)));
}

async function resolveFallback(profile: Profile, name: string, resolve: Resolve): Promise<Fallback> {
	if (Object.hasOwn(profile.models, name)) return { profile, model: name };
	const [, profileName = name, model] = /^([^/]+)\/(.+)$/.exec(name) ?? [];
	const hint = "a fallback is a model of the profile, a profile, or profile/model";
	return { profile: await named(`profile ${profile.name}: fallback ${name}`, profileName, resolve, hint), model };
}

/** Resolves `also: [name, …]`. What these profiles name themselves, under `fallback` or `also`, does not count. */
export async function resolveOthers(profile: Profile, resolve: Resolve): Promise<Profile[]> {
	const others = (profile.also ?? []).map((name) =>
		named(`profile ${profile.name}: also ${name}`, name, resolve, "`also` holds names of profiles"),
	);
	return Promise.all(others);
}

/** Which model of which profile is asked for. */
export interface Destination {
	profile: Profile;
	model: string;
}

/** What `profile/model` means, or the name of a profile alone (its main model), where `also` names it. */
export function destinationOf({ others = [] }: Profile, id: string): Destination | undefined {
	const profile = others.find(({ name }) => id === name || id.startsWith(`${name}/`));
	return profile && { profile, model: id.slice(profile.name.length + 1) || profile.tiers.opus };
}

async function named(place: string, name: string, resolve: Resolve, hint: string): Promise<Profile> {
	try {
		return await resolve(name);
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		throw new UserError(`${place}: ${error.message}`, {
			hint: error.hint ?? hint,
			exitCode: EXIT.config,
			cause: error,
		});
	}
}
