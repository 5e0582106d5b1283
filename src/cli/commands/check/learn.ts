import type { Lesson } from "../../../check/lessons.ts";
import type { CheckReport } from "../../../check/report/report.ts";
import type { Environment } from "../../../platform/paths.ts";
import { UserError } from "../../../platform/user-error.ts";
import { resolveProfile } from "../../../profile/resolve/resolve-profile.ts";
import { forgetLearned } from "../../../profile/sources/learned.ts";
import { isFile } from "../../../profile/sources/sources.ts";
import { undoLearned, writeLearned } from "../../../profile/sources/write-learned.ts";
import type { CommandOutput } from "../../ui/output.ts";
import { confirm } from "../../ui/prompt.ts";
import { style } from "../../ui/style.ts";

export interface LearnOptions {
	/** The profile as it was named on the command line. */
	name: string;
	/** Consent was given in advance. */
	apply: boolean;
	environment: Environment;
}

/** Shows the lessons of a check as a diff, and writes them with consent: `--apply`, or an answer on a terminal. */
export async function learn(report: CheckReport, options: LearnOptions, output: CommandOutput): Promise<void> {
	const { lessons, profile } = report;
	if (lessons.length === 0) return;
	const origins = await originsOf(options.name);
	const lines = lessons.map((lesson) => diffLines(lesson, origins[lesson.path.join(".")]));
	output.tell(`\n${style.heading(`Learned about ${profile}`)}\n${lines.join("")}`);
	if (isFile(options.name)) {
		output.tell(`${style.hint("hint:")} ${options.name} is your own file: add these lines to it\n`);
		return;
	}
	if (!options.apply && !(await confirm(`Write this into your own layer of ${profile}?`))) {
		output.tell(`${style.hint("hint:")} --apply writes this into your own layer of the profile\n`);
		return;
	}
	const source = `cc-any check, ${new Date(report.startedAt).toISOString().slice(0, 10)}, cc-any ${report.version}`;
	const values = lessons.map(({ path, value, why }) => ({ path, value: withReason(path, value, why, source) }));
	const file = await writeLearned(profile, values, options.environment);
	output.tell(
		`wrote ${file}\n${style.hint("hint:")} cc-any profiles show ${profile}; cc-any check ${profile} --undo\n`,
	);
}

/** Removes what was learned about the profiles. */
export async function forget(names: readonly string[], environment: Environment, output: CommandOutput): Promise<void> {
	for (const name of names) {
		const file = await forgetLearned(name, environment);
		if (!file) throw new UserError(`nothing was learned about ${name}`, { hint: "cc-any check NAME --apply" });
		output.tell(`removed ${file}\n`);
	}
}

/** Takes back the last change that `--apply` wrote. */
export async function undo(names: readonly string[], environment: Environment, output: CommandOutput): Promise<void> {
	for (const name of names) {
		const file = undoLearned(name, environment);
		if (!file) throw new UserError(`there is no change of ${name} to undo`, { hint: "cc-any check NAME --apply" });
		output.tell(`${file} is as it was before\n`);
	}
}

/** Where each value of the profile comes from. */
async function originsOf(name: string): Promise<Record<string, string>> {
	const { report } = await resolveProfile({ profile: name, cwd: process.cwd() }, undefined, { tolerant: true });
	return report.origins();
}

/** A quirk has fields for its reason and source; other fields do not. */
function withReason(path: readonly string[], value: unknown, why: string, source: string): unknown {
	return path.at(-2) === "quirks" ? { value, why, source } : value;
}

/** A lesson as a diff. `origin`: where the current value comes from. */
function diffLines({ path, before, value, why }: Lesson, origin: string | undefined): string {
	const field = path.join(".");
	const old = before === undefined ? "" : `${style.error(`- ${field}: ${JSON.stringify(before)}`)}\n`;
	const isOwn = origin !== undefined && !/^built-in |\blearned\b/.test(origin);
	const shadow = isOwn
		? `    ${style.warning(`not used: ${origin} sets it, and your own file takes precedence`)}\n`
		: "";
	return `${old}${style.success(`+ ${field}: ${JSON.stringify(value)}`)}\n    ${style.faint(why)}\n${shadow}`;
}
