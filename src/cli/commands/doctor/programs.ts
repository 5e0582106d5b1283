import { execFile } from "node:child_process";
import { findClaude } from "../../../launch/find-claude.ts";
import { packageRoot } from "../../../platform/package-root.ts";
import type { Environment } from "../../../platform/paths.ts";
import { UserError } from "../../../platform/user-error.ts";
import type { DoctorFinding } from "./finding.ts";

/** The oldest and the newest Claude Code that cc-any is tested with. */
export const TESTED_CLAUDE = ["2.1.197", "2.1.332"] as const;

/** Time limit of `claude --version`. */
const VERSION_TIMEOUT_MS = 15_000;

/** Node and claude: whether they are installed, and which version. */
export async function examinePrograms(environment: Environment, claude: string | undefined): Promise<DoctorFinding[]> {
	// bin/cc-any.js refuses an older Node before anything is loaded.
	const node: DoctorFinding = {
		check: "node",
		state: "ok",
		text: `${process.versions.node}, 20.19 or newer is needed`,
	};
	return [node, await examineClaude(environment, claude)];
}

async function examineClaude({ env }: Environment, given: string | undefined): Promise<DoctorFinding> {
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
	if (compareVersions(version, oldest) < 0) return { check, state: "warning", text, fix: "claude update" };
	if (compareVersions(version, newest) > 0) {
		return {
			check,
			state: "warning",
			text,
			fix: "nothing to do unless something fails; then use an older one: --claude",
		};
	}
	return { check, state: "ok", text };
}

/** `2.1.332` of `2.1.332 (Claude Code)`; undefined when the program fails or prints something else. */
function versionOf(file: string, env: Environment["env"]): Promise<string | undefined> {
	const { PATH, HOME, TMPDIR, SystemRoot } = env;
	const clean = { PATH, HOME, TMPDIR, SystemRoot };
	return new Promise((resolve) => {
		const options = { env: clean, timeout: VERSION_TIMEOUT_MS, shell: file.endsWith(".cmd") };
		execFile(file, ["--version"], options, (error, output) => {
			resolve(error ? undefined : /\d{1,5}\.\d{1,5}\.\d{1,5}/.exec(output)?.[0]);
		});
	});
}

/** Negative, zero or positive: the order of two versions by their three numbers. */
export function compareVersions(one: string, other: string): number {
	const [a, b] = [one.split(".").map(Number), other.split(".").map(Number)];
	const differing = [0, 1, 2].find((index) => a[index] !== b[index]);
	return differing === undefined ? 0 : (a[differing] ?? 0) - (b[differing] ?? 0);
}
