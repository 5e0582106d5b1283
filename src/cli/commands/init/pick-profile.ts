import { nearest } from "../../../platform/nearest.ts";
import { type Environment, processEnvironment } from "../../../platform/paths.ts";
import { UserError } from "../../../platform/user-error.ts";
import { describeKeyState, type KeyState } from "../../../profile/keys/key-origin.ts";
import { keyState, type ResolvedProfile } from "../../../profile/report.ts";
import { resolveProfile } from "../../../profile/resolve/resolve-profile.ts";
import { hasOwnProfile, profileNames, readSources } from "../../../profile/sources/sources.ts";
import { type SelectRow, select } from "../../ui/select.ts";
import { keepLastChoice, readLastChoice } from "./last-choice.ts";

/** There is a key, at hand or to be fetched. */
const CONFIGURED_STATES: ReadonlySet<KeyState> = new Set<KeyState>(["set", "keychain", "file", "command"]);

/** The profiles that can be used; those with a key first. */
export async function usableProfiles(environment: Environment): Promise<ResolvedProfile[]> {
	const cwd = process.cwd();
	const profiles: ResolvedProfile[] = [];
	const sources = await readSources(environment, cwd);
	for (const name of profileNames(sources)) {
		try {
			const resolved = await resolveProfile({ profile: name, cwd }, environment, { tolerant: true, sources });
			if (!resolved.report.unavailable && resolved.profile.tiers.opus !== "") profiles.push(resolved);
		} catch (error) {
			if (!(error instanceof UserError)) throw error; // `cc-any profiles` reports a broken file
		}
	}
	const rank = (resolved: ResolvedProfile) => (CONFIGURED_STATES.has(keyState(resolved)) ? 0 : 1);
	return profiles.sort((one, other) => rank(one) - rank(other));
}

/** Lets a person pick a profile with the arrow keys, or by typing a part of its name or title; a typo is allowed. */
export async function selectProfile(
	question: string,
	profiles: readonly ResolvedProfile[],
	{ initial, more = [] }: { initial?: string | undefined; more?: readonly SelectRow[] } = {},
): Promise<string> {
	const width = Math.max(...profiles.map(({ profile }) => profile.name.length));
	const rows = profiles.map((resolved) => {
		const { profile } = resolved;
		const state = keyState(resolved);
		const key = state === "missing" ? "" : `  (key ${describeKeyState(state)})`;
		return { value: profile.name, label: `${profile.name.padEnd(width)}  ${profile.title}${key}` };
	});
	const texts = new Map(
		profiles.map(({ profile: { name, title }, report: { aliases } }) => [
			name,
			[name, title, ...aliases].join(" ").toLowerCase(),
		]),
	);
	const matches = (typed: string, { value, label }: SelectRow): boolean => {
		const word = typed.trim().toLowerCase();
		if ((texts.get(value) ?? label).includes(word)) return true;
		// A typo counts only if nothing has the word: "openrou" is not a misspelt "opencode".
		const isPartOfName = [...texts.values()].some((text) => text.includes(word));
		return !isPartOfName && word.length > 3 && nearest(word, [value, value.slice(0, word.length)]) !== undefined;
	};
	return select(question, [...rows, ...more], { initial, matches });
}

const SET_UP = { value: "", label: "another provider (guided setup)" };

/**
 * Asks which of the configured profiles to use: those that have a key, or need none and are the user's own. The answer
 * is the default for this project next time. Undefined: none is configured, or the user wants another one.
 */
export async function pickConfigured(): Promise<string | undefined> {
	const environment = processEnvironment();
	const sources = await readSources(environment, process.cwd());
	const configured = (await usableProfiles(environment)).filter((resolved) => {
		const state = keyState(resolved);
		// A local server counts as configured once the user has a profile for it.
		return CONFIGURED_STATES.has(state) || (state === "not-needed" && hasOwnProfile(resolved.profile.name, sources));
	});
	if (configured.length === 0) return undefined;
	const last = readLastChoice(process.cwd(), environment);
	const initial = configured.some(({ profile }) => profile.name === last) ? last : undefined;
	const picked = await selectProfile("which profile?", configured, { initial, more: [SET_UP] });
	if (picked === "") return undefined;
	keepLastChoice(process.cwd(), picked, environment);
	return picked;
}
