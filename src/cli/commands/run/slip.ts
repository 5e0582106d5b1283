import { nearest } from "../../../platform/nearest.ts";
import { processEnvironment } from "../../../platform/paths.ts";
import { EXIT, UserError } from "../../../platform/user-error.ts";
import { profileNames, readSources } from "../../../profile/sources/sources.ts";
import { COMMANDS } from "../../add-commands.ts";
import { confirm } from "../../ui/prompt.ts";

/** Claude Code's own commands, which need no profile's name to be meant (2.1.332). */
const CLAUDE_COMMANDS = new Set([
	...["agents", "auth", "auto-mode", "config", "gateway", "install", "mcp", "migrate-installer", "plugin", "plugins"],
	...["project", "setup-token", "ultrareview", "update", "upgrade"],
]);

/**
 * Asks before a word that is the name of a command or profile, or within two letters of one, becomes a prompt; without a
 * terminal it is refused. Throws a `UserError`.
 */
export async function refuseSlip(word: string): Promise<void> {
	if (CLAUDE_COMMANDS.has(word)) return;
	const profiles = profileNames(await readSources(processEnvironment(), process.cwd()));
	// Of a word of three letters, two edits leave nothing.
	const meant = nearest(word, [...Object.keys(COMMANDS), ...profiles], Math.floor((word.length - 1) / 2));
	if (meant === undefined) return;
	const command = profiles.includes(meant) ? `cc-any --profile ${meant}` : `cc-any ${meant}`;
	if (await confirm(`Start Claude Code with the prompt "${word}"? (Did you mean: ${command})`)) return;
	throw new UserError(`"${word}" would start a session with it as the prompt`, {
		hint: `did you mean \`${command}\`? For the prompt: cc-any -p "${word}"`,
		exitCode: EXIT.usage,
	});
}
