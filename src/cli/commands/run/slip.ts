import { nearest } from "../../../platform/nearest.ts";
import { processEnvironment } from "../../../platform/paths.ts";
import { EXIT, UserError } from "../../../platform/user-error.ts";
import { profileNames, readSources } from "../../../profile/sources/sources.ts";
import { COMMANDS } from "../../add-commands.ts";
import { confirm } from "../../ui/prompt.ts";

/** Claude Code's own commands, which need no profile's name to be meant (2.0.76 to 2.1.332). */
const CLAUDE_COMMANDS = new Set([
	...["agents", "attach", "auth", "auto-mode", "config", "gateway", "import", "install", "kill", "logs", "mcp"],
	...["migrate-installer", "plugin", "plugins", "project", "purge", "respawn", "rm", "setup-token", "stop"],
	...["ultrareview", "update", "upgrade"],
]);

/**
 * Words that people type for a command of another name, alone or before a profile. Claude Code 2.1.332 answers `login`, `logout`
 * and `status` with the right command, too.
 */
const SYNONYMS: Readonly<Record<string, string>> = {
	...{ login: "keys set PROFILE", logout: "keys remove PROFILE", status: "doctor" },
	...{ stats: "usage", cost: "usage", costs: "usage", setup: "init", configure: "init" },
};

/**
 * Asks before words of which the first means a command or profile, or is within two letters of one, become a prompt;
 * without a terminal they are refused. Throws a `UserError`.
 */
export async function refuseSlip([word = "", ...rest]: readonly string[]): Promise<void> {
	if (CLAUDE_COMMANDS.has(word)) return;
	const profiles = profileNames(await readSources(processEnvironment(), process.cwd()));
	const known = rest.length <= 1 && Object.hasOwn(SYNONYMS, word) ? SYNONYMS[word] : undefined;
	const synonym = rest.length === 0 ? known : known?.replace(" PROFILE", "");
	// Of a word of three letters, two edits leave nothing.
	const maxEdits = Math.floor((word.length - 1) / 2);
	const meant = synonym ?? nearest(word, [...Object.keys(COMMANDS), ...profiles, "version"], maxEdits);
	if (meant === undefined) return;
	const start = profiles.includes(meant)
		? ["cc-any", "--profile", meant]
		: ["cc-any", meant === "version" ? "--version" : meant];
	const command = [...start, ...rest].join(" ");
	const prompt = [word, ...rest].join(" ");
	if (await confirm(`Start Claude Code with the prompt "${prompt}"? (Did you mean: ${command})`)) return;
	throw new UserError(`"${prompt}" is not a command of cc-any, so it would become a prompt`, {
		hint: `did you mean \`${command}\`? For the prompt: cc-any -p "${prompt}"`,
		exitCode: EXIT.usage,
	});
}
