import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Environment, stateFolder } from "../../platform/paths.ts";
import { errorCode } from "../../platform/user-error.ts";
import type { CheckReport } from "./report.ts";

/** The oldest are deleted. */
const MAX_REPORTS = 200;

function folderOf(environment: Environment): string {
	return join(stateFolder(environment), "checks");
}

/** Keeps a report: one file for each profile, model and time. Returns its path. */
export async function keepReport(report: CheckReport, environment: Environment): Promise<string> {
	const folder = folderOf(environment);
	await mkdir(folder, { recursive: true, mode: 0o700 });
	const time = new Date(report.startedAt).toISOString().replace(/[:.]/g, "-");
	const file = join(folder, `${time}-${[report.profile, report.model].map(asName).join("-")}.json`);
	await writeFile(file, `${JSON.stringify(report, undefined, "\t")}\n`, { mode: 0o600 });
	for (const name of (await reportNames(folder)).slice(MAX_REPORTS)) await rm(join(folder, name));
	return file;
}

/** The newest reports of a profile and model, newest first. A damaged report is skipped. */
export async function lastReports(
	{ profile, model }: Pick<CheckReport, "profile" | "model">,
	environment: Environment,
	most: number,
): Promise<CheckReport[]> {
	const folder = folderOf(environment);
	const ending = `-${[profile, model].map(asName).join("-")}.json`;
	const reports: CheckReport[] = [];
	for (const name of await reportNames(folder)) {
		if (reports.length === most) break;
		const report = name.endsWith(ending) ? await readReport(join(folder, name)) : undefined;
		// Two names can become the same file name.
		if (report?.profile === profile && report.model === model) reports.push(report);
	}
	return reports;
}

async function readReport(file: string): Promise<CheckReport | undefined> {
	try {
		return JSON.parse(await readFile(file, "utf8")) as CheckReport;
	} catch (error) {
		if (error instanceof SyntaxError) return undefined;
		throw error;
	}
}

/** Newest first: the names begin with the time. */
async function reportNames(folder: string): Promise<string[]> {
	try {
		const names = await readdir(folder);
		return names
			.filter((name) => name.endsWith(".json"))
			.sort()
			.reverse();
	} catch (error) {
		if (errorCode(error) === "ENOENT") return [];
		throw error;
	}
}

function asName(text: string): string {
	return text.replace(/[^\w.-]+/g, "_");
}
