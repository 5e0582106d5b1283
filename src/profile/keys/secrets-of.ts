import type { Profile } from "../model/profile.ts";

/** The keys, and header values long enough to be one, of a profile and of all that may serve in its place. */
export function secretsOf(profile: Profile): string[] {
	const stand = [...(profile.fallbacks ?? []).map((fallback) => fallback.profile), ...(profile.others ?? [])];
	return [...new Set([profile, ...stand].flatMap(ownSecrets))];
}

function ownSecrets(profile: Profile): string[] {
	const models = Object.values(profile.models);
	const endpoints = [...Object.values(profile.endpoints), ...models.map((model) => model.endpoint)];
	const headers = [profile.headers, ...endpoints.map((endpoint) => endpoint?.headers ?? {})];
	const values = headers.flatMap((entries) => Object.values(entries)).filter((value) => value.length >= 16);
	const keys = [profile.key, profile.search?.key, ...models.map((model) => model.key)].flatMap((key) =>
		key ? [key] : [],
	);
	return [...keys, ...values];
}
