import { EXIT, UserError } from "../../platform/user-error.ts";
import { type Destination, type Fallback, isModel, modelOf, type Profile } from "../model/profile.ts";
import { UntrustedFile } from "../sources/trust.ts";

/** Finds a profile that another one names. `model`: the one that is named with it, for a profile that names none itself. */
export type FindProfile = (name: string, model?: string) => Promise<Profile>;

/**
 * Resolves the names in `fallback`: a model of the profile itself, a profile, or `profile/model`. A fallback's own
 * fallbacks are ignored.
 */
export function resolveFallbacks(profile: Profile, names: readonly string[], find: FindProfile): Promise<Fallback[]> {
	return Promise.all(names.map((name) => resolveFallback(profile, name, find)));
}

async function resolveFallback(profile: Profile, name: string, find: FindProfile): Promise<Fallback> {
	if (Object.hasOwn(profile.models, name)) return { profile, model: name };
	const [, profileName = name, model] = /^([^/]+)\/(.+)$/.exec(name) ?? [];
	const hint = "a fallback is a model of the profile, a profile, or profile/model";
	const place = `profile ${profile.name}: fallback ${name}`;
	return { profile: await findNamed(place, { name: profileName, model }, hint, find), model };
}

/** The model that a field names: one of the profile, or `profile/model`. `place`: the field, for errors. */
export async function findDestination(
	profile: Profile,
	place: string,
	name: string,
	find: FindProfile,
): Promise<Destination> {
	const [, profileName, model = ""] = /^([^/]+)\/(.+)$/.exec(name) ?? [];
	if (isModel(profile, name) || profileName === undefined) return { profile, model: modelOf(profile, name).id };
	const hint = "name a model of the profile, or profile/model";
	const found = await findNamed(place, { name: profileName, model }, hint, find);
	return { profile: found, model: modelOf(found, model).id };
}

/** Resolves the names in `also`. The `fallback` and `also` of these profiles are ignored. */
export function resolveOthers(profile: Profile, names: readonly string[], find: FindProfile): Promise<Profile[]> {
	const hint = "`also` holds names of profiles";
	return Promise.all(names.map((name) => findNamed(`profile ${profile.name}: also ${name}`, { name }, hint, find)));
}

async function findNamed(
	place: string,
	{ name, model }: { name: string; model?: string | undefined },
	hint: string,
	find: FindProfile,
): Promise<Profile> {
	try {
		return await find(name, model);
	} catch (error) {
		// An untrusted file names itself, and a run may go on without it.
		if (!(error instanceof UserError) || error instanceof UntrustedFile) throw error;
		throw new UserError(`${place}: ${error.message}`, {
			hint: error.hint ?? hint,
			exitCode: EXIT.config,
			cause: error,
		});
	}
}
