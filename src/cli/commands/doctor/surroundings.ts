import { existsSync } from "node:fs";
import { join } from "node:path";
import { environmentFor } from "../../../launch/environment.ts";
import { readSettings, type Settings, withNetworkSettings } from "../../../launch/settings.ts";
import { isObject } from "../../../platform/json.ts";
import type { Environment } from "../../../platform/paths.ts";
import { userShell } from "../../../platform/shell.ts";
import type { Profile } from "../../../profile/model/profile.ts";
import { claudeSettingsFile } from "../../../profile/sources/claude-settings.ts";
import type { DoctorFinding } from "./finding.ts";

/** Variables and Claude settings that may interfere. */
export function examineSurroundings(
	profile: Profile | undefined,
	{ env, home }: Environment,
	cwd: string,
	managed = managedSettingsFile(process.platform),
): DoctorFinding[] {
	const project = join(cwd, ".claude");
	const files = [
		claudeSettingsFile({ env, home }),
		join(project, "settings.json"),
		join(project, "settings.local.json"),
	];
	return [
		examineShell(profile, env),
		examineProxy(withNetworkSettings(env)),
		...[...files.filter(existsSync), ...(existsSync(managed) ? [managed] : [])].flatMap((file) =>
			examineSettings(file, file === managed),
		),
	];
}

/** Path of an administrator's settings. */
export function managedSettingsFile(platform: NodeJS.Platform): string {
	if (platform === "darwin") return "/Library/Application Support/ClaudeCode/managed-settings.json";
	if (platform === "win32") return "C:\\Program Files\\ClaudeCode\\managed-settings.json";
	return "/etc/claude-code/managed-settings.json";
}

/** Variables that cc-any sets or removes for claude. Shown because plain `claude` uses them. */
function examineShell(profile: Profile | undefined, env: Environment["env"]): DoctorFinding {
	const check = "shell";
	const set = Object.keys(env).filter((name) => /^(ANTHROPIC_|CLAUDE_CODE_USE_)/.test(name) && env[name]);
	if (set.length === 0) return { check, state: "ok", text: "no ANTHROPIC_* variable is set" };
	const changes = profile && environmentFor({ profile, proxy: { url: "", token: "" }, parent: env });
	const handled = changes ? new Set([...changes.unset, ...Object.keys(changes.set)]) : undefined;
	const left = handled ? set.filter((name) => !handled.has(name)) : [];
	const text = `${set.sort().join(", ")} set: plain claude uses them, cc-any replaces or removes them`;
	if (left.length === 0) return { check, state: "ok", text };
	return { check, state: "warning", text: `${left.join(", ")} also reach claude under cc-any`, fix: unset(left) };
}

function unset(names: readonly string[]): string {
	return `if that is not wanted: ${names.map(userShell.unset).join("; ")}`;
}

const PROXY_VARIABLES = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy", "HTTP_PROXY"];

function examineProxy(env: Environment["env"]): DoctorFinding {
	const check = "network proxy";
	const name = PROXY_VARIABLES.find((variable) => env[variable]);
	if (!name) return { check, state: "ok", text: "none; requests go straight to the provider" };
	const text = `${name}=${withoutLogin(env[name] ?? "")} carries requests to the provider, but not to this machine`;
	return { check, state: "ok", text };
}

/** An address without the name and password that it may hold. */
function withoutLogin(address: string): string {
	return address.replace(/\/\/[^/@]*@/, "//…@");
}

function examineSettings(file: string, managed: boolean): DoctorFinding[] {
	const check = managed ? "managed settings" : "claude settings";
	const settings = readSettings(file);
	if (!settings)
		return [{ check, state: "warning", text: `${file} is not valid JSON`, fix: "claude ignores it: correct it" }];
	const found = CONFLICTS.flatMap((conflict) => {
		const finding = conflict(settings, file);
		return finding ? [{ check, ...finding }] : [];
	});
	return found.length > 0 ? found : [{ check, state: "ok", text: file }];
}

type Conflict = (settings: Settings, file: string) => Omit<DoctorFinding, "check"> | undefined;

/** What in a settings file matters to cc-any (measured with Claude Code 2.1.197 and 2.1.330). */
const CONFLICTS: readonly Conflict[] = [
	({ forceLoginMethod }, file) => {
		if (forceLoginMethod === undefined) return undefined;
		const text = `${file} forces a login (forceLoginMethod): claude may refuse any other provider`;
		return { state: "warning", text, fix: "ask who manages this machine, or start claude in a container" };
	},
	({ apiKeyHelper }, file) => {
		if (apiKeyHelper === undefined) return undefined;
		const text = `${file} has an apiKeyHelper: under cc-any its key is not used`;
		return { state: "ok", text, fix: "to use it as a profile's key: cc-any profiles import, or `key: command:…`" };
	},
	({ availableModels }, file) => {
		if (!Array.isArray(availableModels)) return undefined;
		const text = `${file} has availableModels: claude silently replaces a model that is not in it`;
		return { state: "warning", text, fix: "add the profile's models to availableModels, or remove it" };
	},
	({ env }, file) => {
		const names = Object.keys(isObject(env) ? env : {}).filter((name) => UNPROTECTED.has(name));
		if (names.length === 0) return undefined;
		const text = `${file} sets ${names.join(", ")} in env, which overrides what cc-any sets`;
		return { state: "warning", text, fix: `remove ${names.join(", ")} from its env` };
	},
	({ env }, file) => {
		const names = Object.keys(isObject(env) ? env : {}).filter((name) => name.startsWith("ANTHROPIC_"));
		const shielded = names.filter((name) => !UNPROTECTED.has(name));
		if (shielded.length === 0) return undefined;
		return { state: "ok", text: `${file} sets ${shielded.join(", ")} in env; under cc-any claude ignores that` };
	},
];

/** Variables in a settings file's `env` that apply despite CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST. */
const UNPROTECTED = new Set([
	"ANTHROPIC_CUSTOM_HEADERS",
	"CLAUDE_CODE_AUTO_COMPACT_WINDOW",
	"CLAUDE_CODE_EXTRA_BODY",
	"CLAUDE_CODE_MAX_CONTEXT_TOKENS",
	"CLAUDE_CODE_MAX_OUTPUT_TOKENS",
]);
