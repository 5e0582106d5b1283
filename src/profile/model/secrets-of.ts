import { addressSecrets } from "../../platform/secrets.ts";
import { requestUrl } from "./base-url.ts";
import { type Profile, profilesInPlay } from "./profile.ts";

/** Shorter header values are not secrets. */
const MIN_HEADER_SECRET_CHARS = 16;

/** The keys, the header values long enough to be one, and the secrets in addresses of a profile and of all that may serve instead of it or for it. */
export function secretsOf(profile: Profile): string[] {
	return [...new Set(profilesInPlay(profile).flatMap(ownSecrets))];
}

function ownSecrets(profile: Profile): string[] {
	const models = Object.values(profile.models);
	const endpoints = [...Object.values(profile.endpoints), ...models.map((model) => model.endpoint)];
	const headers = [profile.headers, ...endpoints.map((endpoint) => endpoint?.headers ?? {})];
	const values = headers.flatMap((entries) => Object.values(entries));
	const keys = [
		profile.key,
		...(profile.keys ?? []).map(({ value }) => value),
		profile.search?.key,
		...models.map((model) => model.key),
	];
	return [
		...keys.flatMap((key) => key || []),
		...values.filter((value) => value.length >= MIN_HEADER_SECRET_CHARS),
		...endpoints.flatMap((endpoint) => addressSecrets(endpoint && requestUrl(endpoint, ""))),
	];
}
