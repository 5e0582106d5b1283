import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { environmentFor } from "../../../launch/environment.ts";
import type { Settings } from "../../../launch/settings.ts";
import { isObject } from "../../../platform/json.ts";
import type { Environment } from "../../../platform/paths.ts";
import type { Profile } from "../../../profile/model/profile.ts";
import { claudeSettingsFile } from "../../../profile/sources/claude-settings.ts";
import type { Finding } from "./finding.ts";

/** What in the shell and in Claude's settings could get in the way. */
export function examineSurroundings(
	profile: Profile | undefined,
	{ env, home }: Environment,
	cwd: string,
	managed = managedSettingsFile(process.platform),
): Finding[] {
	const project = join(cwd, ".claude");
	const files = [
		claudeSettingsFile({ env, home }),
		join(project, "settings.json"),
		join(project, "settings.local.json"),
	];
	return [
		examineShell(profile, env),
		examineProxy(env),
		...[...files.filter(existsSync), ...(existsSync(managed) ? [managed] : [])].flatMap((file) =>
			examineSettings(file, file === managed),
		),
	];
}

/** Where an administrator's settings stand. */
export function managedSettingsFile(platform: NodeJS.Platform): string {
	if (platform === "darwin") return "/Library/Application Support/ClaudeCode/managed-settings.json";
	if (platform === "win32") return "C:\\Program Files\\ClaudeCode\\managed-settings.json";
	return "/etc/claude-code/managed-settings.json";
}

/** Nothing to do about these: cc-any sets or removes them for claude. It is told because plain `claude` differs. */
function examineShell(profile: Profile | undefined, env: Environment["env"]): Finding {
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
	return `if that is not wanted: unset ${names.join(" ")}`;
}

const PROXY_VARIABLES = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"];

function examineProxy(env: Environment["env"]): Finding {
	const check = "HTTP proxy";
	const name = PROXY_VARIABLES.find((variable) => env[variable]);
	if (!name) return { check, state: "ok", text: "none; requests go straight to the provider" };
	const text = `${name}=${withoutLogin(env[name] ?? "")} carries requests to the provider, never those to this machine`;
	return { check, state: "ok", text };
}

/** An address without the name and password that it may hold. */
function withoutLogin(address: string): string {
	return address.replace(/\/\/[^/@]*@/, "//…@");
}

function examineSettings(file: string, managed: boolean): Finding[] {
	const check = managed ? "managed settings" : "claude settings";
	const settings = readJson(file);
	if (!settings)
		return [{ check, state: "warning", text: `${file} is not valid JSON`, fix: "claude leaves it out: mend it" }];
	const found = CONFLICTS.flatMap((conflict) => {
		const told = conflict(settings, file);
		return told ? [{ check, ...told }] : [];
	});
	return found.length > 0 ? found : [{ check, state: "ok", text: file }];
}

function readJson(file: string): Settings | undefined {
	try {
		const value: unknown = JSON.parse(readFileSync(file, "utf8").replace(/^\uFEFF/, ""));
		return isObject(value) ? value : undefined;
	} catch {
		return undefined; // told by the caller
	}
}

type Conflict = (settings: Settings, file: string) => Omit<Finding, "check"> | undefined;

/** What in a settings file matters to cc-any (measured with 2.1.197 and 2.1.330). */
const CONFLICTS: readonly Conflict[] = [
	({ forceLoginMethod }, file) => {
		if (forceLoginMethod === undefined) return undefined;
		const text = `${file} forces a login (forceLoginMethod): claude may refuse any other provider`;
		return { state: "warning", text, fix: "ask who manages this machine, or start claude in a container" };
	},
	({ apiKeyHelper }, file) => {
		if (apiKeyHelper === undefined) return undefined;
		const text = `${file} has an apiKeyHelper: claude runs it, and sends its key to cc-any, which ignores it`;
		return { state: "warning", text, fix: "take apiKeyHelper out if only cc-any is used" };
	},
	({ availableModels }, file) => {
		if (!Array.isArray(availableModels)) return undefined;
		const text = `${file} limits availableModels: claude silently asks for another model where yours is not listed`;
		return { state: "warning", text, fix: "add the profile's models to availableModels, or take it out" };
	},
	({ env }, file) => {
		const names = Object.keys(isObject(env) ? env : {}).filter((name) => UNPROTECTED.has(name));
		if (names.length === 0) return undefined;
		const text = `${file} sets ${names.join(", ")} in env, which beats what cc-any sets`;
		return { state: "warning", text, fix: `take ${names.join(", ")} out of its env` };
	},
	({ env }, file) => {
		const names = Object.keys(isObject(env) ? env : {}).filter((name) => name.startsWith("ANTHROPIC_"));
		const shielded = names.filter((name) => !UNPROTECTED.has(name));
		if (shielded.length === 0) return undefined;
		return { state: "ok", text: `${file} sets ${shielded.join(", ")} in env; under cc-any claude ignores that` };
	},
];

/** Variables in a settings file's `env` that reach claude in spite of CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST. */
const UNPROTECTED = new Set([
	"ANTHROPIC_CUSTOM_HEADERS",
	"CLAUDE_CODE_AUTO_COMPACT_WINDOW",
	"CLAUDE_CODE_EXTRA_BODY",
	"CLAUDE_CODE_MAX_CONTEXT_TOKENS",
	"CLAUDE_CODE_MAX_OUTPUT_TOKENS",
]);
