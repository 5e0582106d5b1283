import { join } from "node:path";
import { applyChanges, environmentFor } from "../../../launch/environment.ts";
import { findClaude } from "../../../launch/find-claude.ts";
import {
	makeRunFolder,
	type Settings,
	statusLineSetting,
	withSettings,
	writeSettingsFile,
} from "../../../launch/settings.ts";
import { type ChildEnd, endAs, runChild, SignalRelay } from "../../../launch/spawn.ts";
import type { StatusLine } from "../../../launch/status-line.ts";
import { packageRoot } from "../../../platform/package-root.ts";
import { processEnvironment } from "../../../platform/paths.ts";
import { UserError } from "../../../platform/user-error.ts";
import type { ResolvedProfile } from "../../../profile/report.ts";
import { NoProfileChosen } from "../../../profile/resolve/choose.ts";
import { resolveProfile } from "../../../profile/resolve/resolve-profile.ts";
import type { ExchangeRecord } from "../../../trace/record/exchange-record.ts";
import type { Recording } from "../../../trace/record/recording.ts";
import { type SelectionOptions, selectionArgs, selectionOf } from "../../selection.ts";
import { openProxy, prepareSoon, Resources } from "../../session.ts";
import { quote, tell, warn } from "../../ui/output.ts";
import { isTerminal } from "../../ui/prompt.ts";
import { isPrintMode, type LaunchPlan, planLaunch } from "./launch-plan.ts";

export interface RunCommandOptions extends SelectionOptions {
	claude?: string;
	dryRun?: boolean;
	quiet?: boolean;
	statusline?: boolean;
	trace?: boolean;
	relearn?: boolean;
}

/** Runs claude on the chosen profile, and exits as it exits. */
export async function run(options: RunCommandOptions, claudeArguments: readonly string[]): Promise<void> {
	const resolved = await resolveOrAsk(options);
	const { profile, report } = resolved;
	const context = { statusLine: options.statusline === true, variables: process.env, directory: process.cwd() };
	const plan = planLaunch(profile, claudeArguments, context);
	if (options.dryRun) {
		const { printPlan } = await import("./dry-run.ts");
		printPlan(plan, report, claudeOrReason(options));
		return;
	}
	const file = locateClaude(options);
	if (!options.quiet) for (const warning of await warningsOf(resolved, options)) warn(warning);
	endAs(await execute(plan, file, options));
}

/** When no profile is chosen, a person is asked, or guided to a first one; a script gets the error. */
async function resolveOrAsk(options: RunCommandOptions): Promise<ResolvedProfile> {
	try {
		return await resolveProfile(selectionOf(options));
	} catch (error) {
		if (!(error instanceof NoProfileChosen) || !isTerminal() || options.dryRun) throw error;
		const { pickConfigured } = await import("../init/pick-profile.ts");
		const profile = (await pickConfigured()) ?? (await (await import("../init/init.ts")).setUp({})).profile;
		return resolveProfile({ ...selectionOf(options), profile });
	}
}

/** The profile's warnings, and a reminder about its checks where the config asks for one. */
async function warningsOf({ profile, report }: ResolvedProfile, options: RunCommandOptions): Promise<string[]> {
	if (!report.checkReminder) return report.warnings;
	const { reminderOf } = await import("../../../check/reminder.ts");
	const reminder = await reminderOf(profile, options.profile ?? profile.name, processEnvironment());
	return reminder === undefined ? report.warnings : [...report.warnings, reminder];
}

/** For a dry run: the path of claude, or why it was not found. */
function claudeOrReason(options: RunCommandOptions): string {
	try {
		return locateClaude(options);
	} catch (error) {
		if (error instanceof UserError) return `claude (${error.message})`;
		throw error;
	}
}

function locateClaude({ claude }: RunCommandOptions): string {
	// A clone of cc-any has claude as a development dependency, for the demo.
	return findClaude({ given: claude, variables: process.env, packageRoot: packageRoot() });
}

async function execute(plan: LaunchPlan, file: string, options: RunCommandOptions): Promise<ChildEnd> {
	const { trace, quiet, relearn } = options;
	const { profile, claudeArguments, requestedModel } = plan;
	const relay = new SignalRelay();
	const resources = new Resources();
	resources.add(() => relay.close());
	try {
		const files = plan.settings && (await writeRunFiles(plan, plan.settings, resources));
		const summary = !quiet && !isPrintMode(claudeArguments);
		const statusLine = files?.statusLine;
		const onExchange = statusLine && ((record: ExchangeRecord) => statusLine.observe(record));
		const onWaiting = statusLine && ((failure?: { class: string }) => statusLine.wait(failure?.class));
		const proxy = await openProxy({ profile, trace, relearn, summary, onExchange, onWaiting }, resources);
		const changes = environmentFor({ profile, proxy, parent: process.env, requestedModel });
		const args = files ? withSettings(claudeArguments, files.settings) : claudeArguments;
		const ended = runChild({ file, args, environment: applyChanges(process.env, changes) }, relay);
		prepareSoon(proxy, resources);
		const end = await ended;
		await printSummary(proxy.recording, options);
		return end;
	} finally {
		await resources.release();
	}
}

interface RunFiles {
	/** Path of the settings. */
	settings: string;
	statusLine: StatusLine | undefined;
}

/** Writes the settings and, where it is wanted, the text of the status line into a temporary folder. */
async function writeRunFiles(plan: LaunchPlan, settings: Settings, resources: Resources): Promise<RunFiles> {
	const { profile, statusLine } = plan;
	const folder = makeRunFolder();
	resources.add(folder.remove);
	if (!statusLine) return { settings: writeSettingsFile(settings, folder.path), statusLine: undefined };
	const { StatusLine } = await import("../../../launch/status-line.ts");
	const text = join(folder.path, "status.txt");
	const setting = statusLineSetting(text, statusLine.own);
	const path = writeSettingsFile({ ...settings, statusLine: setting }, folder.path);
	return { settings: path, statusLine: new StatusLine(text, profile) };
}

/** A few lines after an interactive session; other runs keep no records in memory. */
async function printSummary({ session, records }: Recording, options: RunCommandOptions): Promise<void> {
	if (records.length === 0) return;
	const { exitSummary } = await import("./exit-summary.ts");
	const { summarise } = await import("../../../trace/store/summarise.ts");
	const last = records.findLast(({ purpose, claudeSession }) => purpose === "main" && claudeSession)?.claudeSession;
	const resume = last && ["cc-any", ...selectionArgs(options), "--resume", last].map(quote).join(" ");
	tell(exitSummary(summarise(records), session, resume));
}
