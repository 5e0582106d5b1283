import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, posix, resolve, sep, win32 } from "node:path";
import { EXIT, UserError } from "../platform/user-error.ts";
import type { Environment } from "./environment.ts";

export interface ClaudeSearch {
	/** Value of `--claude`. */
	given?: string | undefined;
	environment: Environment;
	/** Root of the cc-any package, whose own node_modules may hold claude. */
	packageRoot?: string | undefined;
	/** The system that is searched; this one when absent. */
	platform?: NodeJS.Platform | undefined;
}

/** What claude is called, per system. npm puts a `claude` for POSIX shells beside its `claude.cmd`: Windows cannot run it. */
const WINDOWS_NAMES = ["claude.exe", "claude.cmd"];
const POSIX_NAMES = ["claude"];

const INSTALL_HINT =
	"install Claude Code with: npm install -g @anthropic-ai/claude-code   (or name it: --claude PATH, CC_ANY_CLAUDE=PATH)";

/**
 * Path of the claude program: `--claude`, CC_ANY_CLAUDE, PATH, then the usual places of its installers. Nothing is
 * started to find out. Throws a UserError with exit code 127 where there is none.
 */
export function findClaude(search: ClaudeSearch): string {
	const { given, environment, packageRoot, platform = process.platform } = search;
	const onPath = pathDirectories(environment, platform);
	if (given) return named(given, "--claude", environment, onPath);
	const variable = environment["CC_ANY_CLAUDE"];
	if (variable) return named(variable, "CC_ANY_CLAUDE", environment, onPath);
	const directories = [...onPath, ...installDirectories(environment, packageRoot)];
	const found = firstProgram(directories, platform === "win32" ? WINDOWS_NAMES : POSIX_NAMES);
	if (found) return found;
	throw new UserError("claude was not found: neither on PATH nor where its installers put it", {
		hint: INSTALL_HINT,
		exitCode: EXIT.claudeNotFound,
	});
}

function named(value: string, source: string, environment: Environment, onPath: readonly string[]): string {
	const path = value.startsWith("~/") ? join(home(environment), value.slice(2)) : value;
	const found = path.includes(sep) ? programAt(resolve(path)) : firstProgram(onPath, [path]);
	if (found) return found;
	throw new UserError(`${source} names ${value}, which is not a program that can be run`, {
		hint: INSTALL_HINT,
		exitCode: EXIT.claudeNotFound,
	});
}

function pathDirectories(environment: Environment, platform: NodeJS.Platform): string[] {
	const { delimiter } = platform === "win32" ? win32 : posix;
	// Only absolute entries: with "." on PATH a cloned repository could bring its own claude.
	return (environment["PATH"] ?? environment["Path"] ?? "").split(delimiter).filter((entry) => isAbsolute(entry));
}

function installDirectories(environment: Environment, packageRoot: string | undefined): string[] {
	const user = home(environment);
	const npmPrefix = environment["npm_config_prefix"] ?? environment["NPM_CONFIG_PREFIX"];
	const directories = [
		join(user, ".local", "bin"),
		join(user, ".claude", "local"),
		join(user, ".claude", "local", "node_modules", ".bin"),
		...(npmPrefix ? [join(npmPrefix, "bin"), npmPrefix] : []),
		// Where npm installs for a user of Windows.
		...(environment["APPDATA"] ? [join(environment["APPDATA"], "npm")] : []),
		dirname(process.execPath),
		join(user, ".npm-global", "bin"),
		"/opt/homebrew/bin",
		"/usr/local/bin",
		"/home/linuxbrew/.linuxbrew/bin",
	];
	return packageRoot ? [...directories, join(packageRoot, "node_modules", ".bin")] : directories;
}

function home(environment: Environment): string {
	return environment["HOME"] || homedir();
}

function firstProgram(directories: readonly string[], names: readonly string[]): string | undefined {
	for (const directory of directories) {
		for (const name of names) {
			const program = programAt(join(directory, name));
			if (program) return program;
		}
	}
	return undefined;
}

/** The path itself where it can be run and is not cc-any under the name of claude, which would start itself for ever. */
function programAt(path: string): string | undefined {
	try {
		if (!statSync(path).isFile()) return undefined;
		accessSync(path, constants.X_OK);
		const self = process.argv[1];
		return self && realpathSync(path) === realpathSync(self) ? undefined : path;
	} catch {
		return undefined; // absent or not permitted
	}
}
