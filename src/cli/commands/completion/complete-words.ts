import type { Command, Option } from "commander";
import { type Environment, processEnvironment } from "../../../platform/paths.ts";
import { UserError } from "../../../platform/user-error.ts";
import { resolveProfile } from "../../../profile/resolve/resolve-profile.ts";
import { profileNames, readSources } from "../../../profile/sources/sources.ts";
import { print } from "../../ui/output.ts";

/** Prints the candidates for the last word of a command line, one per line. */
export async function completeWords(words: readonly string[], program: Command): Promise<void> {
	const environment = processEnvironment();
	const profiles = profileNames(await readSources(environment, process.cwd()));
	const known = { profiles, models: await modelsFor(words, profiles, environment) };
	for (const candidate of candidates(program, words, known)) print(`${candidate}\n`);
}

/** Names that can be completed. */
export interface KnownNames {
	profiles: readonly string[];
	models: readonly string[];
}

const MODEL_OPTIONS = new Set(["--model", "--opus", "--sonnet", "--haiku"]);

/** The models of the profile that the command line names, or of the default; read only when a model is being typed. */
async function modelsFor(
	words: readonly string[],
	profiles: readonly string[],
	environment: Environment,
): Promise<string[]> {
	if (!MODEL_OPTIONS.has(words.at(-2) ?? "")) return [];
	const named = words.includes("--profile") ? words[words.indexOf("--profile") + 1] : undefined;
	try {
		const selection = { profile: named ?? words.find((word) => profiles.includes(word)), cwd: process.cwd() };
		const { profile } = await resolveProfile(selection, environment, { tolerant: true });
		return [...new Set([...Object.values(profile.tiers), ...Object.keys(profile.models)])].filter((id) => id !== "");
	} catch (error) {
		if (error instanceof UserError) return []; // no profile, or a broken one: no candidates
		throw error;
	}
}

/** Candidates for the last word, which may be empty; the words before it give the context. */
export function candidates(program: Command, words: readonly string[], known: KnownNames): string[] {
	const before = words.slice(0, -1);
	// Two quotes are PowerShell's empty word.
	const last = words.at(-1)?.replace(/^""$/, "") ?? "";
	if (before.includes("--")) return [];
	const { command, hasArguments } = commandOf(program, before);
	const waiting = command.options.find((option) => option.required && isNamed(option, before.at(-1)));
	const found = waiting ? valuesOf(waiting, known) : wordsOf(command, last, hasArguments, known);
	return found.filter((candidate) => candidate.startsWith(last));
}

/** The subcommand that the words name, and whether it has arguments already. */
function commandOf(program: Command, words: readonly string[]): { command: Command; hasArguments: boolean } {
	let command = program;
	let hasArguments = false;
	words.forEach((word, index) => {
		const isValue = command.options.some((option) => option.required && isNamed(option, words[index - 1]));
		if (word.startsWith("-") || isValue) return;
		// Only the first word can name a subcommand; later words are claude's.
		const below =
			command !== program || index === 0 ? command.commands.find((child) => child.name() === word) : undefined;
		if (below) command = below;
		else hasArguments = true;
	});
	return { command, hasArguments };
}

function isNamed(option: Option, word: string | undefined): boolean {
	return word !== undefined && (option.long === word || option.short === word);
}

function valuesOf(option: Option, { profiles, models }: KnownNames): readonly string[] {
	if (option.long === "--profile") return profiles;
	return MODEL_OPTIONS.has(option.long ?? "") ? models : (option.argChoices ?? []);
}

function wordsOf(command: Command, last: string, hasArguments: boolean, { profiles }: KnownNames): string[] {
	if (last.startsWith("-")) {
		const flags = command.options.flatMap(({ long }) => (long ? [long] : []));
		return [...flags, "--help"];
	}
	if (hasArguments) return [];
	const [argument] = command.registeredArguments;
	const named = argument && /^(profile|name)/.test(argument.name()) ? profiles : (argument?.argChoices ?? []);
	return [...command.commands.map((child) => child.name()), ...named];
}
