import { DEFAULT_QUIRKS, type Quirks } from "../profile/quirks.ts";
import type { Target } from "../profile/target.ts";

/** What a fixture needs of a target: key, auth, headers and address stay away, and quirks that are as ever. */
export type TargetFile = Omit<Target, "key" | "auth" | "headers" | "baseUrl" | "alternatives" | "quirks"> & {
	quirks: Partial<Quirks>;
};

export function targetFile(target: Target): TargetFile {
	const { key: _key, auth: _auth, headers: _headers, baseUrl: _url, alternatives: _others, quirks, ...rest } = target;
	const isOwn = ([name, value]: [string, unknown]) =>
		JSON.stringify(value) !== JSON.stringify(DEFAULT_QUIRKS[name as keyof Quirks]);
	return { ...rest, quirks: Object.fromEntries(Object.entries(quirks).filter(isOwn)) };
}
