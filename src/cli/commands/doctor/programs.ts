import { execFile } from "node:child_process";
import { compareVersions, problemsOf, TESTED_CLAUDE, UPDATE_FIX } from "../../../launch/claude-versions.ts";
import { findClaude } from "../../../launch/find-claude.ts";
import { mainModel } from "../../../launch/main-model.ts";
import { packageRoot } from "../../../platform/package-root.ts";
import type { Environment } from "../../../platform/paths.ts";
import { startOf } from "../../../platform/program.ts";
import { UserError } from "../../../platform/user-error.ts";
import type { Profile } from "../../../profile/model/profile.ts";
import type { DoctorFinding } from "./finding.ts";

/** Time limit of `claude --version`. */
const VERSION_TIMEOUT_MS = 15_000;

/** What a program needs to start. */
const VERSION_VARIABLES = ["PATH", "HOME", "TMPDIR", "SystemRoot", "USERPROFILE", "TEMP"];

/** bin/cc-any.js refuses an older Node before anything is loaded. */
export function examineNode(): DoctorFinding {
	return { check: "node", state: "ok", text: `${process.versions.node}, 20.19 or newer is needed` };
}

/** Whether claude is installed, and which version; `profile` is what it would run on. */
export async function examineClaude(
	{ env }: Environment,
	given: string | undefined,
	profile: Profile | undefined,
): Promise<DoctorFinding> {
	const check = "claude";
	let file: string;
	try {
		file = findClaude({ given, variables: env, packageRoot: packageRoot() });
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		return { check, state: "failed", text: error.message, fix: error.hint };
	}
	const version = await versionOf(file, env);
	if (version === undefined) {
		const text = `${file} does not answer --version`;
		return { check, state: "failed", text, fix: `run it yourself: ${file} --version` };
	}
	const [oldest, newest] = TESTED_CLAUDE;
	const text = `${version} at ${file}, tested with ${oldest} to ${newest}`;
	if (compareVersions(version, oldest) < 0) {
		return { check, state: "failed", text: `${text}: it is too old`, fix: UPDATE_FIX };
	}
	const [problem] = problemsOf(version, profile && mainModel(profile).model.contextWindow);
	if (problem !== undefined) return { check, state: "warning", text: `${problem} (${file})`, fix: UPDATE_FIX };
	if (compareVersions(version, newest) > 0) {
		return {
			check,
			state: "warning",
			text,
			fix: "nothing to do unless something fails; if it does, use an older one: --claude",
		};
	}
	return { check, state: "ok", text };
}

/** `2.1.332` of `2.1.332 (Claude Code)`; undefined when the program fails or prints something else. */
function versionOf(file: string, env: Environment["env"]): Promise<string | undefined> {
	const clean = Object.fromEntries(VERSION_VARIABLES.map((name) => [name, env[name]]));
	const start = startOf(file, ["--version"], env);
	return new Promise((resolve) => {
		execFile(start.file, start.args, { ...start.options, env: clean, timeout: VERSION_TIMEOUT_MS }, (error, output) => {
			resolve(error ? undefined : /\d{1,5}\.\d{1,5}\.\d{1,5}/.exec(output)?.[0]);
		});
	});
}
