import type { Lesson } from "../../../check/lessons.ts";
import type { CheckReport } from "../../../check/report/report.ts";
import type { Environment } from "../../../platform/paths.ts";
import { UserError } from "../../../platform/user-error.ts";
import { forgetLearned } from "../../../profile/sources/learned.ts";
import { isFile } from "../../../profile/sources/sources.ts";
import { writeLearned } from "../../../profile/sources/write-learned.ts";
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
	output.tell(`\n${style.heading(`Learned about ${profile}`)}\n${lessons.map(diffLines).join("")}`);
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
		`wrote ${file}\n${style.hint("hint:")} cc-any profiles show ${profile}; cc-any check ${profile} --forget\n`,
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

/** A quirk has fields for its reason and source; other fields do not. */
function withReason(path: readonly string[], value: unknown, why: string, source: string): unknown {
	return path.at(-2) === "quirks" ? { value, why, source } : value;
}

function diffLines({ path, before, value, why }: Lesson): string {
	const field = path.join(".");
	const old = before === undefined ? "" : `${style.error(`- ${field}: ${JSON.stringify(before)}`)}\n`;
	return `${old}${style.success(`+ ${field}: ${JSON.stringify(value)}`)}\n    ${style.faint(why)}\n`;
}
