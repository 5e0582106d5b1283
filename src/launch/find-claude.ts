import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expandHome, homeFolder, type Variables } from "../platform/paths.ts";
import { fileNamesOf, isProgramPath, pathFolders } from "../platform/program.ts";
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

const INSTALL_HINT =
	"install Claude Code with: npm install -g @anthropic-ai/claude-code   (or name it: --claude PATH, CC_ANY_CLAUDE=PATH)";

/** There is no claude, and none was named. */
export class ClaudeNotFound extends UserError {}

/**
 * Path of the claude program: `--claude`, CC_ANY_CLAUDE, PATH, then the folders that its installers use. Starts no
 * process. Throws an error with exit code 127 when there is none.
 */
export function findClaude({ given, variables, packageRoot, platform = process.platform }: ClaudeSearch): string {
	const places: Places = { onPath: pathFolders(variables, platform), home: homeFolder(variables, platform), platform };
	if (given) return named(given, "--claude", places);
	const variable = variables["CC_ANY_CLAUDE"];
	if (variable) return named(variable, "CC_ANY_CLAUDE", places);
	const directories = [
		...ownFolders(places.onPath, variables),
		...installDirectories(variables, places.home, packageRoot),
	];
	const found = firstProgram(directories, "claude", platform);
	if (found) return found;
	throw new ClaudeNotFound("claude was not found, neither on PATH nor where its installers put it", {
		hint: INSTALL_HINT,
		exitCode: EXIT.claudeNotFound,
	});
}

/**
 * The folders on PATH that may hold claude. In WSL, those of Windows are not among them: a claude from there runs on Windows
 * without our variables, so it would talk to Anthropic.
 */
export function ownFolders(onPath: readonly string[], variables: Variables): readonly string[] {
	if (variables["WSL_DISTRO_NAME"] === undefined) return onPath;
	return onPath.filter((folder) => !/^\/mnt\/[a-z]\//.test(folder));
}

interface Places {
	onPath: readonly string[];
	home: string;
	platform: NodeJS.Platform;
}

function named(value: string, source: string, { onPath, home, platform }: Places): string {
	const path = expandHome(value, home);
	const isPath = isProgramPath(path, platform);
	const found = isPath ? firstProgram([""], resolve(path), platform) : firstProgram(onPath, path, platform);
	if (found) return found;
	throw new UserError(`${source} names ${value}, which is not an executable file`, {
		hint: INSTALL_HINT,
		exitCode: EXIT.claudeNotFound,
	});
}

function installDirectories(variables: Variables, user: string, packageRoot: string | undefined): string[] {
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

function firstProgram(directories: readonly string[], program: string, platform: NodeJS.Platform): string | undefined {
	for (const directory of directories) {
		for (const name of fileNamesOf(program, platform)) {
			const found = programAt(join(directory, name));
			if (found) return found;
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
		// `native`: before version 24, Node's own does not know `\\?\C:\…`.
		return self && realpathSync.native(path) === realpathSync.native(self) ? undefined : path;
	} catch {
		return undefined; // absent or not permitted
	}
}
