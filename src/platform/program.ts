import { existsSync, readFileSync } from "node:fs";
import { dirname, extname, isAbsolute, join, posix, resolve, sep, win32 } from "node:path";
import { batchCommand } from "./batch-command.ts";
import type { Variables } from "./paths.ts";

/** What `spawn` needs to start a program. */
export interface Start {
	file: string;
	args: readonly string[];
	options: { /** The arguments are quoted already. */ windowsVerbatimArguments?: boolean };
}

/** The endings of PATHEXT that can be started; scripts for other hosts (.js, .ps1) cannot. */
const WINDOWS_ENDINGS = [".exe", ".com", ".cmd", ".bat"];

/**
 * The file names that a program of this name can have. npm installs a `claude` for POSIX shells beside `claude.cmd`,
 * which Windows cannot run.
 */
export function fileNamesOf(program: string, platform: NodeJS.Platform = process.platform): string[] {
	if (platform !== "win32" || WINDOWS_ENDINGS.includes(extname(program).toLowerCase())) return [program];
	return WINDOWS_ENDINGS.map((ending) => program + ending);
}

/** Whether a program is given as a path, not as a name to look up on PATH. Windows knows both slashes, and `C:claude.exe`. */
export function isProgramPath(program: string, platform: NodeJS.Platform = process.platform): boolean {
	return program.includes("/") || (platform === "win32" && /^[a-z]:|\\/i.test(program));
}

/** The absolute folders on PATH: with "." there, a cloned repository could provide the program. */
export function pathFolders(variables: Variables, platform: NodeJS.Platform = process.platform): string[] {
	const isWindows = platform === "win32";
	// Windows ignores the case of names, a copy of its environment does not.
	const name = isWindows ? Object.keys(variables).find((each) => each.toUpperCase() === "PATH") : "PATH";
	const entries = (variables[name ?? "PATH"] ?? "").split(isWindows ? win32.delimiter : posix.delimiter);
	// On Windows, an entry may be in quotes.
	return entries.map((entry) => entry.replace(/^"(.*)"$/, "$1")).filter((entry) => isAbsolute(entry));
}

/**
 * How a program is started. On Windows, `spawn` neither knows the endings of files nor starts a batch file, as which npm
 * and other installers install programs. Throws a `UserError` for arguments that a batch file cannot get.
 */
export function startOf(
	program: string,
	args: readonly string[],
	variables: Variables,
	platform: NodeJS.Platform = process.platform,
): Start {
	if (platform !== "win32") return { file: program, args, options: {} };
	const isPath = isProgramPath(program, platform);
	const folders = isPath ? [""] : pathFolders(variables, platform);
	const candidates = folders.flatMap((folder) => fileNamesOf(program, platform).map((name) => join(folder, name)));
	// For a bare name, Windows would try the current folder first, where a cloned repository could have such a program.
	const absent = isPath ? program : (candidates[0] ?? join(sep, program));
	const file = candidates.find((candidate) => existsSync(candidate)) ?? absent;
	if (!/\.(?:cmd|bat)$/i.test(file)) return { file, args, options: {} };
	return shimTarget(file, args) ?? batchCommand(resolve(file), args);
}

/** How the generated batch files of npm and pnpm begin. */
const SHIM = /^@(?:ECHO off\s+GOTO start\s+:find_dp0|SETLOCAL\s+@(?:IF NOT DEFINED NODE_PATH|IF EXIST|"))/;

/** Their last step: `"%_prog%"  "%dp0%\node_modules\…\cli.js" %*`, or an .exe without a program before it. */
const SHIM_TARGET = /(?:^@?|"%_prog%" +|node(?:\.exe")? +)"%(?:~dp0|dp0%)\\([^"%]+\.(?:exe|[cm]?js))" +%\*/im;

/**
 * The program that a batch file of npm or pnpm starts, started without it. The shell that runs a batch file cuts arguments
 * at line breaks, allows 8191 characters, and when cc-any is killed, only the shell would end: not the program.
 */
function shimTarget(file: string, args: readonly string[]): Start | undefined {
	const text = readFileSync(file, "latin1");
	const [, path] = (SHIM.test(text) && SHIM_TARGET.exec(text)) || [];
	if (path === undefined) return undefined;
	const started = resolve(dirname(file), ...path.split("\\"));
	if (!existsSync(started)) return undefined;
	if (extname(started) === ".exe") return { file: started, args, options: {} };
	const ownNode = join(dirname(file), "node.exe");
	return { file: existsSync(ownNode) ? ownNode : process.execPath, args: [started, ...args], options: {} };
}
