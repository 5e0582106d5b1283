import { DEFAULT_QUIRKS, type Quirks } from "../../profile/model/quirks.ts";
import type { Target } from "../../profile/model/target.ts";

/** What a fixture needs of a target: key, auth, headers and address stay away, and quirks that are as ever. */
export type TargetFile = Omit<Target, Private | "quirks"> & {
	quirks: Partial<Quirks>;
};

type Private = "key" | "renewKey" | "auth" | "headers" | "baseUrl" | "alternatives";

export function targetFile({ quirks, ...target }: Target): TargetFile {
	const { key: _key, renewKey: _renew, auth: _auth, headers: _headers, ...others } = target;
	const { baseUrl: _url, alternatives: _alternatives, ...rest } = others;
	const isOwn = ([name, value]: [string, unknown]) =>
		JSON.stringify(value) !== JSON.stringify(DEFAULT_QUIRKS[name as keyof Quirks]);
	return { ...rest, quirks: Object.fromEntries(Object.entries(quirks).filter(isOwn)) };
}
