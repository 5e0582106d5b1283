import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, posix, resolve, sep, win32 } from "node:path";
import { homeFolder, type Variables } from "../platform/paths.ts";
import { EXIT, UserError } from "../platform/user-error.ts";

export interface ClaudeSearch {
	/** Value of `--claude`. */
	given?: string | undefined;
	variables: Variables;
	/** Root of the cc-any package, whose own node_modules may hold claude. */
	packageRoot?: string | undefined;
	/** The operating system; the current one when absent. */
	platform?: NodeJS.Platform | undefined;
}

/** File names of claude. npm installs a `claude` for POSIX shells beside `claude.cmd`, which Windows cannot run. */
const WINDOWS_NAMES = ["claude.exe", "claude.cmd"];
const POSIX_NAMES = ["claude"];

const INSTALL_HINT =
	"install Claude Code with: npm install -g @anthropic-ai/claude-code   (or name it: --claude PATH, CC_ANY_CLAUDE=PATH)";

/**
 * Path of the claude program: `--claude`, CC_ANY_CLAUDE, PATH, then the folders that its installers use. Starts no
 * process. Throws a UserError with exit code 127 when there is none.
 */
export function findClaude(search: ClaudeSearch): string {
	const { given, variables, packageRoot, platform = process.platform } = search;
	const onPath = pathDirectories(variables, platform);
	if (given) return named(given, "--claude", variables, onPath);
	const variable = variables["CC_ANY_CLAUDE"];
	if (variable) return named(variable, "CC_ANY_CLAUDE", variables, onPath);
	const directories = [...onPath, ...installDirectories(variables, packageRoot)];
	const found = firstProgram(directories, platform === "win32" ? WINDOWS_NAMES : POSIX_NAMES);
	if (found) return found;
	throw new UserError("claude was not found, neither on PATH nor where its installers put it", {
		hint: INSTALL_HINT,
		exitCode: EXIT.claudeNotFound,
	});
}

function named(value: string, source: string, variables: Variables, onPath: readonly string[]): string {
	const path = value.startsWith("~/") ? join(homeFolder(variables), value.slice(2)) : value;
	const found = path.includes(sep) ? programAt(resolve(path)) : firstProgram(onPath, [path]);
	if (found) return found;
	throw new UserError(`${source} names ${value}, which is not an executable file`, {
		hint: INSTALL_HINT,
		exitCode: EXIT.claudeNotFound,
	});
}

function pathDirectories(variables: Variables, platform: NodeJS.Platform): string[] {
	const { delimiter } = platform === "win32" ? win32 : posix;
	// Only absolute entries: with "." on PATH, a cloned repository could provide its own claude.
	return (variables["PATH"] ?? variables["Path"] ?? "").split(delimiter).filter((entry) => isAbsolute(entry));
}

function installDirectories(variables: Variables, packageRoot: string | undefined): string[] {
	const user = homeFolder(variables);
	const npmPrefix = variables["npm_config_prefix"] ?? variables["NPM_CONFIG_PREFIX"];
	const directories = [
		join(user, ".local", "bin"),
		join(user, ".claude", "local"),
		join(user, ".claude", "local", "node_modules", ".bin"),
		...(npmPrefix ? [join(npmPrefix, "bin"), npmPrefix] : []),
		// Where npm installs for a user of Windows.
		...(variables["APPDATA"] ? [join(variables["APPDATA"], "npm")] : []),
		dirname(process.execPath),
		join(user, ".npm-global", "bin"),
		"/opt/homebrew/bin",
		"/usr/local/bin",
		"/home/linuxbrew/.linuxbrew/bin",
	];
	return packageRoot ? [...directories, join(packageRoot, "node_modules", ".bin")] : directories;
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

/** The path itself if it is executable, and not cc-any under the name of claude, which would start itself forever. */
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
