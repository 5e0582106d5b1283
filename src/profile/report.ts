import { type KeyOrigin, type KeyState, keyStateOf } from "./keys/key-origin.ts";
import type { Profile } from "./model/profile.ts";

/** Why a quirk is there, and where that is documented. */
export interface QuirkReason {
	why: string;
	source: string;
}

/** What commands show people about a profile. A run does not depend on it. */
export interface ProfileReport {
	status: "documented" | "verified" | "user";
	aliases: string[];
	/** The regional or plan variant in use. */
	region: string | undefined;
	/** Titles of the variants that can be chosen, by name. */
	regions: Record<string, string>;
	/** Names in `fallback`, `also` and `vision`, as written. */
	fallback: string[] | undefined;
	also: string[] | undefined;
	vision: string | undefined;
	/** What the profile's author wants the user to know. */
	notes: string[];
	/** Where the facts of the profile come from. */
	sources: string[];
	/** Where each value came from, by dotted field name: `built-in profiles/kimi.yaml:12`. Computed when it is shown. */
	origins: () => Record<string, string>;
	/** Reasons of quirks, by dotted field name: `endpoints.anthropic.quirks.betas`. */
	quirkReasons: Record<string, QuirkReason>;
	/** Undefined: there is no key. */
	keyOrigin: KeyOrigin | undefined;
	/** Works without a key. */
	keyOptional: boolean;
	/** Variables that the key may come from. */
	keyVariables: string[];
	/** Why the profile cannot be used. Set only when a profile is shown: otherwise it is an error. */
	unavailable: string | undefined;
	/** The user's config asks for a line about the profile's checks at the start. */
	checkReminder: boolean;
	/** The user's own number for the window of the main model, by `--context` or CC_ANY_CONTEXT. */
	context?: number | undefined;
	/** What the user should know before the start: changed addresses, a damaged settings file. */
	warnings: string[];
}

/** A profile with everything resolved: what runs, and what is reported. */
export interface ResolvedProfile {
	profile: Profile;
	report: ProfileReport;
}

/** Whether the profile has a key, without reading a file or running a command. */
export function keyState({ profile, report }: ResolvedProfile): KeyState {
	return keyStateOf(profile.key, report.keyOrigin, report.keyOptional);
}
