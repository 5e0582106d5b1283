import { EXIT, UserError } from "../ui/fail.ts";
import type { Fallback, Profile } from "./profile.ts";

/**
 * Resolves `fallback: [name, …]`. A name is a model of the profile itself, a profile, or `profile/model`. A fallback's
 * own fallbacks do not count: the chain is the one that the chosen profile names.
 */
export async function resolveFallbacks(
	profile: Profile,
	resolve: (name: string) => Promise<Profile>,
): Promise<Fallback[]> {
	return Promise.all((profile.fallback ?? []).map((name) => resolveFallback(profile, name, resolve)));
}

async function resolveFallback(
	profile: Profile,
	name: string,
	resolve: (name: string) => Promise<Profile>,
): Promise<Fallback> {
	if (Object.hasOwn(profile.models, name)) return { profile, model: name };
	const [, profileName = name, model] = /^([^/]+)\/(.+)$/.exec(name) ?? [];
	try {
		return { profile: await resolve(profileName), model };
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		throw new UserError(`profile ${profile.name}: fallback ${name}: ${error.message}`, {
			hint: error.hint ?? "a fallback is a model of the profile, a profile, or profile/model",
			exitCode: EXIT.config,
			cause: error,
		});
	}
}
