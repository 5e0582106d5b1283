import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isObject, type JsonObject, tryParseJson } from "../platform/json.ts";
import { claudeFolder, type Variables } from "../platform/paths.ts";
import { shellQuoted } from "../platform/shell.ts";
import { findOption, hasOption } from "./arguments.ts";

/** Claude Code's settings; keys that cc-any does not know are kept. */
export type Settings = JsonObject;

/** The arguments with `path` replacing the user's own `--settings`, or with the option in front. */
export function withSettings(claudeArguments: readonly string[], path: string): string[] {
	const found = findOption(claudeArguments, "--settings");
	if (!found) return ["--settings", path, ...claudeArguments];
	return claudeArguments.map((argument, index) => {
		if (index !== found.index) return argument;
		return found.joined ? `--settings=${path}` : path;
	});
}

export interface SettingsFacts {
	claudeArguments: readonly string[];
	/** Content of the user's `--settings`. */
	argument: Settings | undefined;
	/** Content of the user's, the project's and the local settings file. */
	files: readonly Settings[];
}

const MODE_OPTIONS = ["--permission-mode", "--dangerously-skip-permissions", "--allow-dangerously-skip-permissions"];

/**
 * The settings to start with. From 2.1.330 on, auto mode is the interactive default. Its check runs at Anthropic and
 * fails with any other endpoint, so that the first tool call would be an error. It is switched off, which brings the
 * ordinary permission prompt, unless the user has chosen a mode.
 */
export function launchSettings({ claudeArguments, argument = {}, files }: SettingsFacts): Settings {
	const isChosen = [argument, ...files].some(choosesMode);
	if (isChosen || hasOption(claudeArguments, MODE_OPTIONS)) return argument;
	return mergeSettings({ disableAutoMode: "disable" }, argument);
}

/**
 * The settings with the proxy's address and token in their `env`. Up to Claude Code 2.1.80 at least, the `env` of the
 * user's own settings file wins over the environment, and would send the conversation and the token of the run to
 * the address there; `--settings` wins over both on every version (measured with 1.0.100 to 2.1.332).
 */
export function withProxy(settings: Settings, proxy: { url: string; token: string }): Settings {
	const env = isObject(settings["env"]) ? settings["env"] : {};
	return { ...settings, env: { ...env, ANTHROPIC_BASE_URL: proxy.url, ANTHROPIC_AUTH_TOKEN: proxy.token } };
}

/** Merges objects key by key; any other value of the user's replaces cc-any's. */
export function mergeSettings(overrides: Settings, user: Settings): Settings {
	const merged: Settings = { ...overrides };
	for (const [key, value] of Object.entries(user)) {
		const own = overrides[key];
		merged[key] = isObject(own) && isObject(value) ? mergeSettings(own, value) : value;
	}
	return merged;
}

function choosesMode(settings: Settings): boolean {
	const permissions = isObject(settings["permissions"]) ? settings["permissions"] : {};
	const keys = ["defaultMode", "disableAutoMode"];
	return "disableAutoMode" in settings || keys.some((key) => key in permissions);
}

/** Claude Code reads the status line after each message; also this often, to show that a request waits. */
const REFRESH_SECONDS = 2;

/**
 * Claude Code's `statusLine` setting that prints the text in `file`. A status line of the user's own runs first, with
 * the input that Claude Code gives it, and cc-any's follows on the next line. On Windows, Git Bash runs it, or PowerShell
 * without it: both know `cat`.
 */
export function statusLineSetting(file: string, own: unknown, platform = process.platform): Settings {
	const isWindows = platform === "win32";
	const ours = `cat ${isWindows ? withoutQuotes(file) : shellQuoted(file)}`;
	if (!isObject(own) || typeof own["command"] !== "string") {
		return { type: "command", command: ours, refreshInterval: REFRESH_SECONDS };
	}
	if (isWindows) return { ...own, command: `${own["command"]}\n${ours}` };
	// The substitution removes their line ends, so that exactly one separates the two.
	return { ...own, command: `printf '%s\\n' "$(\n${own["command"]}\n)"\n${ours}` };
}

/**
 * A path for both shells of Windows: with forward slashes, and `?` in place of what would need quotes, which PowerShell does
 * not get (github.com/anthropics/claude-code/issues/88256).
 */
function withoutQuotes(file: string): string {
	return file.replaceAll("\\", "/").replace(/[^\w.:/~\u0080-\uffff-]/g, "?");
}

/**
 * Content of a `--settings` value: inline JSON, or a file. Undefined when it cannot be read; it is then passed on
 * unchanged, so that claude reports the problem.
 */
export function readSettingsArgument(value: string, directory: string): Settings | undefined {
	return value.trim().startsWith("{") ? parseSettings(value) : readSettings(resolve(directory, value));
}

/**
 * The settings files that claude reads in this directory. Unreadable and damaged ones are ignored: claude reports them.
 */
export function readSettingsFiles(variables: Variables, directory: string): Settings[] {
	const project = join(directory, ".claude");
	const paths = [join(project, "settings.json"), join(project, "settings.local.json")];
	const found = [readUserSettings(variables), ...paths.map(readUsedSettings)];
	return found.filter((settings) => settings !== undefined);
}

/** The user's own settings file, if claude uses it. */
export function readUserSettings(variables: Variables): Settings | undefined {
	return readUsedSettings(join(claudeFolder(variables), "settings.json"));
}

/** Claude Code's manual has companies put these into `env` of the settings (code.claude.com/docs/en/network-config). */
const NETWORK_VARIABLES = [
	...["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap((name) => [name.toLowerCase(), name]),
	...["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"],
];

/**
 * The environment for connections to providers: the shell's, with what only the user's own settings file says about the
 * network. A project's file could send the conversation through another proxy.
 */
export function withNetworkSettings(variables: Variables): Variables {
	const env = readUserSettings(variables)?.["env"];
	if (!isObject(env)) return variables;
	const isSet = (name: string) => [name, name.toLowerCase(), name.toUpperCase()].some((each) => variables[each]);
	const added = NETWORK_VARIABLES.flatMap((name) => {
		const value = env[name];
		return typeof value === "string" && !isSet(name) ? [[name, value] as const] : [];
	});
	return added.length > 0 ? { ...variables, ...Object.fromEntries(added) } : variables;
}

function readUsedSettings(path: string): Settings | undefined {
	const settings = readSettings(path);
	return settings && !isIgnoredByClaude(settings) ? settings : undefined;
}

/** A `modelOverrides` block for another tool makes claude ignore the whole file. */
function isIgnoredByClaude({ modelOverrides }: Settings): boolean {
	return isObject(modelOverrides) && Object.values(modelOverrides).some((value) => typeof value !== "string");
}

/** A settings file as an object; undefined when it is absent, unreadable or not JSON. */
export function readSettings(path: string): Settings | undefined {
	try {
		return parseSettings(readFileSync(path, "utf8"));
	} catch {
		return undefined; // absent, a directory, not permitted: claude decides what that means
	}
}

function parseSettings(text: string): Settings | undefined {
	const value = tryParseJson(text.replace(/^\uFEFF/, ""));
	return isObject(value) ? value : undefined;
}
