import { existsSync } from "node:fs";
import { type Environment, learnedFolder, processEnvironment } from "../../../platform/paths.ts";
import { printableJson } from "../../../platform/printable.ts";
import { UserError } from "../../../platform/user-error.ts";
import { describeKeyState } from "../../../profile/keys/key-origin.ts";
import type { Profile } from "../../../profile/model/profile.ts";
import { keyState, type ResolvedProfile } from "../../../profile/report.ts";
import { resolveProfile } from "../../../profile/resolve/resolve-profile.ts";
import { profileNames, readSources, type Sources } from "../../../profile/sources/sources.ts";
import { keptLimits } from "../../main-limits.ts";
import { type CommandOutput, processOutput } from "../../ui/output.ts";
import { style } from "../../ui/style.ts";
import { table } from "../../ui/table.ts";
import { describeProfile, type ShownFacts, shownProfile } from "./describe-profile.ts";

export interface ListOptions {
	/** One JSON array instead of a table. */
	json?: boolean | undefined;
	cwd?: string | undefined;
}

/** One line of `cc-any profiles`, and one element of its `--json`. */
export interface ProfileSummary {
	name: string;
	title: string;
	aliases: string[];
	status: string;
	dialect: string;
	/** Base URL of the preferred endpoint; empty if there is none. */
	endpoint: string;
	models: string[];
	/** `set`, `not set`, `not needed`; `from a file`, `from a command` and `in the keychain` are not read. */
	key: string;
	/** Why it cannot be used. */
	unavailable?: string | undefined;
	/** A mistake in one of its files. */
	problem?: string | undefined;
}

/**
 * `cc-any profiles`: every profile that can be chosen by name, each mistake beside its profile, so that one broken file
 * does not hide the others. Keys are not read, commands not run.
 */
export async function listProfiles(
	options: ListOptions = {},
	output: CommandOutput = processOutput(),
	environment: Environment = processEnvironment(),
): Promise<void> {
	const cwd = options.cwd ?? process.cwd();
	const sources = await readSources(environment, cwd);
	const summaries: ProfileSummary[] = [];
	for (const name of profileNames(sources)) summaries.push(await summaryOf(name, cwd, sources));
	if (options.json) {
		output.write(`${printableJson(summaries, 2)}\n`);
		return;
	}
	const head = ["NAME", "KEY", "ENDPOINT", "MODELS"].map((text) => style.heading(text));
	output.write(table([head, ...summaries.map(rowOf)]));
	if (sources.projectProblem) output.tell(`${style.warning("warning:")} ${sources.projectProblem.message}\n`);
	for (const { name, problem } of summaries) {
		if (problem) output.tell(`${style.warning("warning:")} ${name}: ${problem}\n`);
	}
	output.tell(`\n${style.hint("hint:")} cc-any profiles show NAME; cc-any --profile NAME\n`);
}

export interface ShowOptions extends ListOptions {
	/** Name, alias or file. */
	name: string;
	region?: string | undefined;
	dialect?: string | undefined;
}

/**
 * `cc-any profiles show NAME`: the profile as it would be used, the key masked, each value with its source and
 * each quirk with its reason. What is missing (a key, a variable) is shown as missing.
 */
export async function showProfile(
	options: ShowOptions,
	output: CommandOutput = processOutput(),
	environment: Environment = processEnvironment(),
): Promise<void> {
	const { name, region, dialect, cwd = process.cwd() } = options;
	const resolved = await resolveProfile({ profile: name, region, dialect, cwd }, environment, { tolerant: true });
	const { profile } = resolved;
	const kept = profile.tiers.opus === "" ? undefined : keptLimits(profile, { environment });
	const shown = shownProfile(resolved, await learnedOf(profile, environment), kept);
	output.write(options.json ? `${JSON.stringify(shown, undefined, 2)}\n` : describeProfile(shown));
	for (const warning of resolved.report.warnings) output.tell(`${style.warning("warning:")} ${warning}\n`);
}

async function learnedOf(profile: Profile, environment: Environment): Promise<ShownFacts[]> {
	const folder = learnedFolder(environment);
	if (!existsSync(folder)) return [];
	const { shownFacts } = await import("./shown-facts.ts");
	return shownFacts(profile, folder);
}

export interface ImportCommandOptions {
	/** Name of the new profile; `claude-overrides` when absent. */
	name?: string | undefined;
	force?: boolean | undefined;
	removeFromSettings?: boolean | undefined;
}

/** `cc-any profiles import`: makes a profile of the user's own setup of Claude Code. */
export async function importProfile(
	options: ImportCommandOptions = {},
	output: CommandOutput = processOutput(),
	environment: Environment = processEnvironment(),
): Promise<void> {
	const { importOverrides } = await import("../../../profile/sources/import-overrides.ts");
	const { name, force = false, removeFromSettings = false } = options;
	const written = await importOverrides({ name, force, removeFromSettings }, environment);
	output.write(`wrote ${written.profile}\n`);
	if (written.settings)
		output.write(`removed modelOverrides from ${written.settings}\nkept a copy at ${written.backup}\n`);
	else if (written.from.startsWith("modelOverrides"))
		output.tell("the settings file was not changed; --remove-from-settings removes the block\n");
	else output.tell(`made from ${written.from}, which is unchanged, so that Claude Code works without cc-any\n`);
	output.tell(`\n${style.hint("hint:")} cc-any --profile ${written.name}\n`);
}

async function summaryOf(name: string, cwd: string, sources: Sources): Promise<ProfileSummary> {
	try {
		return summarise(await resolveProfile({ profile: name, cwd }, sources.environment, { tolerant: true, sources }));
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		const nothing = { title: name, aliases: [], status: "user", dialect: "", endpoint: "", models: [], key: "" };
		return { name, ...nothing, problem: error.message };
	}
}

function summarise(resolved: ResolvedProfile): ProfileSummary {
	const { profile, report } = resolved;
	const { name, title, dialect } = profile;
	const { aliases, status, unavailable } = report;
	return {
		name,
		title,
		aliases,
		status,
		dialect,
		endpoint: profile.endpoints[dialect]?.baseUrl ?? "",
		models: [...new Set([...Object.values(profile.tiers), ...Object.keys(profile.models)])].filter((id) => id !== ""),
		key: describeKeyState(keyState(resolved)),
		unavailable,
	};
}

/** Width of the column of models. */
const MODELS_CHARS = 56;

function rowOf(summary: ProfileSummary): string[] {
	const { name, endpoint, problem, unavailable } = summary;
	const state = problem || unavailable ? style.warning("unusable") : coloured(summary.key);
	return [name, state, endpoint || style.faint("none"), shownModels(summary.models)];
}

function coloured(key: string): string {
	if (key === "set") return style.success(key);
	return key === "not set" ? style.faint(key) : key;
}

/** As many models as fit, at least one, and how many more there are. */
function shownModels(models: readonly string[]): string {
	if (models.length === 0) return style.faint("name one in `tiers`");
	let shown = 1;
	while (shown < models.length && models.slice(0, shown + 1).join(", ").length <= MODELS_CHARS) shown++;
	const more = models.length > shown ? style.faint(` +${models.length - shown}`) : "";
	return models.slice(0, shown).join(", ") + more;
}
