import { join } from "node:path";
import { findOption } from "../../../launch/arguments.ts";
import { assertSupported, installedVersion, problemsOf } from "../../../launch/claude-versions.ts";
import { applyChanges, environmentFor } from "../../../launch/environment.ts";
import { findClaude } from "../../../launch/find-claude.ts";
import { refuseHandOff, TEAMMATE_COMMAND, teammateVariable } from "../../../launch/hand-off.ts";
import { windowWarning } from "../../../launch/limit-variables.ts";
import { mainModel, withMainModel } from "../../../launch/main-model.ts";
import { makeRunFolder, writeSettingsFile } from "../../../launch/run-folder.ts";
import { statusLineSetting, withProxy, withSettings } from "../../../launch/settings.ts";
import { type ChildEnd, endAs, runChild, SignalRelay } from "../../../launch/spawn.ts";
import type { StatusLine } from "../../../launch/status-line.ts";
import { hasAnsweredSince } from "../../../launch/transcripts.ts";
import { packageRoot } from "../../../platform/package-root.ts";
import { processEnvironment } from "../../../platform/paths.ts";
import { userShell } from "../../../platform/shell.ts";
import { UserError } from "../../../platform/user-error.ts";
import type { Profile } from "../../../profile/model/profile.ts";
import type { ResolvedProfile } from "../../../profile/report.ts";
import { NoProfileChosen } from "../../../profile/resolve/choose.ts";
import { resolveProfile } from "../../../profile/resolve/resolve-profile.ts";
import type { ProxyServer } from "../../../proxy/server.ts";
import type { ExchangeRecord } from "../../../trace/record/exchange-record.ts";
import type { Recording } from "../../../trace/record/recording.ts";
import { withAskedLimits, withKeptLimits } from "../../main-limits.ts";
import { type SelectionOptions, selectionArgs, selectionOf } from "../../selection.ts";
import { openProxy, prepareSoon, Resources } from "../../session.ts";
import { tell, warn } from "../../ui/output.ts";
import { isTerminal } from "../../ui/prompt.ts";
import { WireAdvice } from "../../wire-advice.ts";
import { claudeOrInstalled } from "./install-claude.ts";
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
	refuseHandOff(claudeArguments);
	await confirmPrompt(options, claudeArguments);
	const resolved = await resolveOrAsk(options);
	const { report } = resolved;
	const requestedModel = findOption(claudeArguments, "--model")?.value;
	const profile = withOwnWindow(resolved, requestedModel);
	const context = { statusLine: options.statusline === true, variables: process.env, directory: process.cwd() };
	const plan = planLaunch(profile, claudeArguments, context);
	if (options.dryRun) {
		const { printPlan } = await import("./dry-run.ts");
		const limits = { requestedModel, isGiven: report.context !== undefined, environment: processEnvironment() };
		const known = await withKeptLimits(profile, limits);
		printPlan({ ...plan, profile: known }, report, claudeOrReason(options));
		return;
	}
	const file = await claudeOrInstalled(() => locateClaude(options));
	const version = installedVersion(file);
	if (version !== undefined) assertSupported(version);
	if (!options.quiet) for (const warning of await warningsOf(resolved, options)) warn(warning);
	endAs(await execute(plan, file, { ...options, isGiven: report.context !== undefined }));
}

/** `--context` is the window of the model that the conversation runs on, also where `--model` names it. */
function withOwnWindow({ profile, report }: ResolvedProfile, requestedModel: string | undefined): Profile {
	const { context } = report;
	return context ? withMainModel(profile, requestedModel, { contextWindow: context }) : profile;
}

/** What Claude Code makes of the main model's window: it has no setting that would change that. */
function warningsAbout(profile: Profile, requestedModel: string | undefined, file: string): string[] {
	const { model } = mainModel(profile, requestedModel);
	const warning = windowWarning(model);
	const version = installedVersion(file);
	const known = version === undefined ? [] : problemsOf(version, model.contextWindow);
	return [...(warning === undefined ? [] : [warning]), ...known];
}

/** Bare words that look like a slip must not start a paid session with the first one as the prompt. */
async function confirmPrompt(options: RunCommandOptions, words: readonly string[]): Promise<void> {
	const isBare =
		words.length > 0 && Object.keys(options).length === 0 && words.every((word) => /^\w[\w./:-]*$/.test(word));
	if (!isBare) return;
	const { refuseSlip } = await import("./slip.ts");
	await refuseSlip(words);
}

/** When no profile is chosen, a person is asked, or guided to a first one; a script gets the error. */
async function resolveOrAsk(options: RunCommandOptions): Promise<ResolvedProfile> {
	try {
		return await resolveProfile(selectionOf(options), processEnvironment(), { keyless: options.dryRun });
	} catch (error) {
		if (!(error instanceof NoProfileChosen) || !isTerminal() || options.dryRun) throw error;
		if (error.found !== undefined) warn(error.found);
		const { pickConfigured } = await import("../init/pick-profile.ts");
		const profile = (await pickConfigured()) ?? (await (await import("../init/init.ts")).setUp({})).profile;
		return resolveProfile({ ...selectionOf(options), profile });
	}
}

/** The profile's warnings, and a reminder about its checks if the config asks for one. */
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

async function execute(
	plan: LaunchPlan,
	file: string,
	{ isGiven, ...options }: RunCommandOptions & { isGiven: boolean },
): Promise<ChildEnd> {
	const { trace, quiet, relearn } = options;
	const { claudeArguments, requestedModel } = plan;
	const relay = new SignalRelay();
	const resources = new Resources();
	resources.add(() => relay.close());
	try {
		const limits = { requestedModel, relearn, isGiven, environment: processEnvironment() };
		const profile = await withAskedLimits(plan.profile, limits, resources);
		if (!quiet) for (const warning of warningsAbout(profile, requestedModel, file)) warn(warning);
		const folder = makeRunFolder();
		resources.add(folder.remove);
		const statusLine = await openStatusLine({ ...plan, profile }, folder.path);
		const summary = !quiet && !isPrintMode(claudeArguments);
		const advice = new WireAdvice();
		const onExchange = (record: ExchangeRecord) => {
			advice.observe(record);
			statusLine?.observe(record);
		};
		const onWaiting = statusLine && ((failure?: { class: string }) => statusLine.wait(failure?.class));
		// In a session the status line and the summary at the end say it: claude owns the screen.
		const onAnnouncement = !quiet && isPrintMode(claudeArguments) ? warn : undefined;
		const hooks = { onExchange, onWaiting, onAnnouncement };
		const proxy = await openProxy(
			{ profile, trace, relearn, summary, internalErrors: "at the end", ...hooks },
			resources,
		);
		const changes = environmentFor({ profile, proxy, parent: process.env, requestedModel });
		const args = argumentsWithSettings(plan, folder.path, proxy);
		const teammate = teammateVariable(folder.path, process.env[TEAMMATE_COMMAND] || file, changes);
		const environment = { ...applyChanges(process.env, changes), ...teammate };
		const startedAt = Date.now();
		const ended = runChild({ file, args, environment }, relay);
		prepareSoon(proxy, resources);
		const end = await ended;
		if (advice.text !== undefined && !quiet) warn(advice.text);
		if (!quiet && isUnseen(end, startedAt, proxy, claudeArguments)) warn(UNSEEN);
		await printSummary(proxy.recording, options, requestedModel);
		return end;
	} finally {
		await resources.release();
	}
}

const UNSEEN =
	"claude ended without sending a request to cc-any; if it answered, the answer came from another address. hint: cc-any doctor names the settings that can cause this";

/**
 * A run in which claude answered, or must have, without any request. `-p /cost` is answered by Claude Code itself, and a
 * session may end without a prompt.
 */
function isUnseen(end: ChildEnd, startedAt: number, proxy: ProxyServer, claudeArguments: readonly string[]): boolean {
	if (proxy.wasAsked()) return false;
	if (!isPrintMode(claudeArguments)) return hasAnsweredSince(startedAt, process.cwd(), process.env);
	const isLocal = claudeArguments.some((argument) => /^\/[\w:-]+(?:\s|$)/.test(argument));
	return end.exitCode === 0 && !isLocal;
}

/** The text that claude's status line prints, if it is wanted. */
async function openStatusLine({ profile, statusLine }: LaunchPlan, folder: string): Promise<StatusLine | undefined> {
	if (!statusLine) return undefined;
	const { StatusLine } = await import("../../../launch/status-line.ts");
	return new StatusLine(statusFile(folder), profile);
}

function statusFile(folder: string): string {
	return join(folder, "status.txt");
}

/** claude's arguments with the temporary settings file, which is written here. */
function argumentsWithSettings(plan: LaunchPlan, folder: string, proxy: { url: string; token: string }) {
	const { settings, statusLine, claudeArguments } = plan;
	if (!settings) return claudeArguments;
	const line = statusLine && { statusLine: statusLineSetting(statusFile(folder), statusLine.own) };
	return withSettings(claudeArguments, writeSettingsFile(withProxy({ ...settings, ...line }, proxy), folder));
}

/** A few lines after an interactive session; other runs keep no records in memory. */
async function printSummary(
	{ session, records }: Recording,
	options: RunCommandOptions,
	model?: string,
): Promise<void> {
	if (records.length === 0) return;
	const { exitSummary } = await import("./exit-summary.ts");
	const { summarise } = await import("../../../trace/store/summarise.ts");
	const last = records.findLast(({ purpose, claudeSession }) => purpose === "main" && claudeSession)?.claudeSession;
	const own = [...selectionArgs(options), ...runArgs(options), ...(model && !options.model ? ["--model", model] : [])];
	const resume = last && ["cc-any", ...own, "--resume", last].map(userShell.word).join(" ");
	tell(exitSummary(summarise(records), session, resume));
}

/** The options of a run as command-line arguments, for the next one. */
function runArgs({ claude, statusline, trace }: RunCommandOptions): string[] {
	return [
		...(claude ? ["--claude", claude] : []),
		...(statusline ? ["--statusline"] : []),
		...(trace ? ["--trace"] : []),
	];
}
