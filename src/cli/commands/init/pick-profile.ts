import { nearest } from "../../../platform/nearest.ts";
import { type Environment, processEnvironment } from "../../../platform/paths.ts";
import { UserError } from "../../../platform/user-error.ts";
import type { Profile } from "../../../profile/model/profile.ts";
import { resolveProfile } from "../../../profile/resolve/load.ts";
import { hasOwnProfile, profileNames, readSources } from "../../../profile/sources/sources.ts";
import { type Choice, select } from "../../ui/select.ts";
import { keyState } from "../profiles/profile-report.ts";
import { keepLastChoice, readLastChoice } from "./last-choice.ts";

/** Keys that are there, whether at hand or to be fetched. */
const KEY_THERE = new Set(["set", "in the keychain", "from a file", "from a command"]);

/** The profiles that can be used; those with a key first. */
export async function usableProfiles(environment: Environment): Promise<Profile[]> {
	const cwd = process.cwd();
	const profiles: Profile[] = [];
	const sources = await readSources(environment, cwd);
	for (const name of await profileNames(sources)) {
		try {
			const profile = await resolveProfile({ profile: name, cwd }, environment, { tolerant: true, sources });
			if (!profile.unavailable && profile.tiers.opus !== "") profiles.push(profile);
		} catch (error) {
			if (!(error instanceof UserError)) throw error; // a broken file is told by `cc-any profiles`
		}
	}
	const rank = (profile: Profile) => (KEY_THERE.has(keyState(profile)) ? 0 : 1);
	return profiles.sort((one, other) => rank(one) - rank(other));
}

/** Lets a person pick a profile by arrows, or by typing a part of its name or title, a slip allowed. */
export async function selectProfile(
	question: string,
	profiles: readonly Profile[],
	{ initial, more = [] }: { initial?: string | undefined; more?: readonly Choice[] } = {},
): Promise<string> {
	const width = Math.max(...profiles.map(({ name }) => name.length));
	const rows = profiles.map((profile) => {
		const state = keyState(profile);
		const key = state === "not set" ? "" : `  (key ${state})`;
		return { value: profile.name, label: `${profile.name.padEnd(width)}  ${profile.title}${key}` };
	});
	const texts = new Map(
		profiles.map(({ name, title, aliases = [] }) => [name, [name, title, ...aliases].join(" ").toLowerCase()]),
	);
	const matches = (typed: string, { value, label }: Choice): boolean => {
		const word = typed.trim().toLowerCase();
		const isSlip = word.length > 3 && nearest(word, [value, value.slice(0, word.length)]) !== undefined;
		return isSlip || (texts.get(value) ?? label).includes(word);
	};
	return select(question, [...rows, ...more], { initial, matches });
}

const SET_UP = { value: "", label: "another one: the guided start, as cc-any init" };

/**
 * Where profiles have a key, or need none and are the user's own, asks which one to use; the answer for this project comes
 * first the next time. Undefined: none is configured yet, or another one is wanted.
 */
export async function pickConfigured(): Promise<string | undefined> {
	const environment = processEnvironment();
	const sources = await readSources(environment, process.cwd());
	const configured = (await usableProfiles(environment)).filter((profile) => {
		const state = keyState(profile);
		// A local server is configured once the user has said something about it.
		return KEY_THERE.has(state) || (state === "not needed" && hasOwnProfile(profile.name, sources));
	});
	if (configured.length === 0) return undefined;
	const last = await readLastChoice(process.cwd(), environment);
	const initial = configured.some(({ name }) => name === last) ? last : undefined;
	const picked = await selectProfile("which profile?", configured, { initial, more: [SET_UP] });
	if (picked === "") return undefined;
	await keepLastChoice(process.cwd(), picked, environment);
	return picked;
}
