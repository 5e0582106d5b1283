import { shellQuoted } from "../platform/shell.ts";
import { EXIT, UserError } from "../platform/user-error.ts";
import { hasOption } from "./arguments.ts";
import type { EnvironmentChanges } from "./environment.ts";
import { writeRunFile } from "./run-folder.ts";

/** Options and commands with which sessions run in another process, which does not end with this one. */
const HANDING_OPTIONS = ["--bg", "--background", "--tmux"];
const HANDING_COMMANDS = ["agents", "attach", "respawn"];

/** Throws a `UserError` for arguments with which a session would outlive the proxy. */
export function refuseHandOff(claudeArguments: readonly string[]): void {
	const [first = ""] = claudeArguments;
	const option = HANDING_OPTIONS.find((name) => hasOption(claudeArguments, [name]));
	const found = HANDING_COMMANDS.includes(first) ? `claude ${first}` : option;
	if (found === undefined) return;
	throw new UserError(`${found} runs sessions in a process that outlives cc-any, and the proxy ends with cc-any`, {
		hint: "run cc-any in a window of its own (tmux new-window), or keep a proxy running: cc-any serve --help",
		exitCode: EXIT.usage,
	});
}

/** Claude Code starts the members of an agent team that get a tmux pane with this command. */
export const TEAMMATE_COMMAND = "CLAUDE_CODE_TEAMMATE_COMMAND";

/**
 * Writes a script that starts a teammate with the environment of its lead, and returns the variable that names it. A new
 * pane has the environment of the tmux server, to which Claude Code adds the address of the proxy, but not the token ("Not
 * logged in", measured with 2.1.332). `command` is what the script runs. Only the user can read it.
 */
export function teammateVariable(
	folder: string,
	command: string,
	{ set, unset }: EnvironmentChanges,
): Record<string, string> {
	// There is no tmux.
	if (process.platform === "win32") return {};
	const exports = Object.entries(set).map(([name, value]) => `export ${name}=${shellQuoted(value)}`);
	const unsets = unset.map((name) => `unset ${name}`);
	// A teammate starts no team of its own, so the script need not name itself.
	const lines = ["#!/bin/sh", ...exports, ...unsets, `exec ${shellQuoted(command)} "$@"`];
	return { [TEAMMATE_COMMAND]: writeRunFile(folder, "teammate.sh", `${lines.join("\n")}\n`, 0o700) };
}
