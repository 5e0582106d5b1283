import { createHash } from "node:crypto";
import { homedir, userInfo } from "node:os";
import { isAbsolute, join } from "node:path";

/** Variables of the user's environment. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Variables and home folder of the user; tests pass their own. */
export interface Environment {
	env: Variables;
	home: string;
}

/** The real environment of this process. */
export function processEnvironment(): Environment {
	return { env: process.env, home: homeFolder(process.env) };
}

/**
 * The user's home folder: on Windows the profile folder, also in Git Bash, which sets HOME; Claude Code does the same. With an
 * empty HOME, Node's `homedir` is empty, and files would be written into the project.
 */
export function homeFolder(variables: Variables, platform: NodeJS.Platform = process.platform): string {
	return variables[platform === "win32" ? "USERPROFILE" : "HOME"] || homedir() || userInfo().homedir;
}

/** A path with the home folder in place of `~`, which a shell has not replaced. */
export function expandHome(path: string, home: string): string {
	return /^~[/\\]/.test(path) ? join(home, path.slice(2)) : path;
}

/** Claude Code's own folder, with the user's settings and the transcripts. */
export function claudeFolder(variables: Variables, home: string = homeFolder(variables)): string {
	return variables["CLAUDE_CONFIG_DIR"] || join(home, ".claude");
}

/** `$XDG_CONFIG_HOME/cc-any`, by default `~/.config/cc-any`. */
export function configFolder(environment: Environment): string {
	return join(base(environment, "XDG_CONFIG_HOME", ".config"), "cc-any");
}

/** `$XDG_STATE_HOME/cc-any`, by default `~/.local/state/cc-any`. */
export function stateFolder(environment: Environment): string {
	return join(base(environment, "XDG_STATE_HOME", ".local/state"), "cc-any");
}

/** `learned` in the state folder: what endpoints have refused. */
export function learnedFolder(environment: Environment): string {
	return join(stateFolder(environment), "learned");
}

/** `spending` in the state folder: what was used each day. */
export function spendingFolder(environment: Environment): string {
	return join(stateFolder(environment), "spending");
}

/** The XDG rule: a relative path in the variable is ignored. */
function base(environment: Environment, variable: string, fallback: string): string {
	const folder = environment.env[variable];
	return folder && isAbsolute(folder) ? folder : join(environment.home, fallback);
}

/** A file name for a text that may hold a password. */
export function fileNameOf(text: string): string {
	return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
