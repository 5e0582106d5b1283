import { join } from "node:path";
import { findOption, hasOption } from "../../launch/claude-arguments.ts";
import { applyChanges, environmentFor } from "../../launch/environment.ts";
import { findClaude } from "../../launch/find-claude.ts";
import { modelPickerSetting, modelRows } from "../../launch/model-picker.ts";
import { launchSettings, type Settings, withSettings } from "../../launch/settings.ts";
import {
	makeRunFolder,
	readSettingsArgument,
	readSettingsFiles,
	readUserSettings,
	writeSettingsFile,
} from "../../launch/settings-file.ts";
import { endAs, runChild, SignalRelay } from "../../launch/spawn.ts";
import type { ChildEnd } from "../../launch/start-child.ts";
import type { StatusLine } from "../../launch/status-line.ts";
import { packageRoot } from "../../platform/package-root.ts";
import { processEnvironment } from "../../platform/paths.ts";
import { UserError } from "../../platform/user-error.ts";
import type { Profile } from "../../profile/model/profile.ts";
import { NoProfileChosen } from "../../profile/resolve/choose.ts";
import { resolveProfile } from "../../profile/resolve/load.ts";
import type { ExchangeRecord } from "../../trace/record/exchange-record.ts";
import type { Recording } from "../../trace/record/recording.ts";
import { type SelectionOptions, selectionOf, selectionWords } from "../selection.ts";
import { openProxy, prepareSoon, Resources } from "../session.ts";
import { isTerminal } from "../ui/prompt.ts";
import { quote } from "../ui/quote.ts";
import { warn } from "../ui/warn.ts";
import type { LaunchPlan } from "./launch-plan.ts";

export interface RunOptions extends SelectionOptions {
	claude?: string;
	dryRun?: boolean;
	quiet?: boolean;
	statusline?: boolean;
	trace?: boolean;
}

/** Runs claude on the chosen profile, and ends as it ends. */
export async function run(options: RunOptions, claudeArguments: readonly string[]): Promise<void> {
	const profile = await chooseProfile(options);
	const plan = planLaunch(profile, claudeArguments, options);
	if (options.dryRun) {
		const { printPlan } = await import("./dry-run.ts");
		printPlan(plan, claudeOrWhyNot(options));
		return;
	}
	const file = locateClaude(options);
	if (!options.quiet) for (const warning of await warningsOf(profile, options)) warn(warning);
	endAs(await carryOut(plan, file, options));
}

/** Where nothing says which profile to use, a person is asked, or led to a first one; scripts get the error. */
async function chooseProfile(options: RunOptions): Promise<Profile> {
	try {
		return await resolveProfile(selectionOf(options));
	} catch (error) {
		if (!(error instanceof NoProfileChosen) || !isTerminal() || options.dryRun) throw error;
		const { pickConfigured } = await import("./init/pick-profile.ts");
		const profile = (await pickConfigured()) ?? (await (await import("./init/init.ts")).setUp({})).profile;
		return resolveProfile({ ...selectionOf(options), profile });
	}
}

/** The history of checks is looked at only where the config asks for it. */
async function warningsOf(profile: Profile, options: RunOptions): Promise<string[]> {
	const { warnings = [] } = profile;
	if (!profile.checkReminder) return warnings;
	const { reminderOf } = await import("../../check/reminder.ts");
	const reminder = await reminderOf(profile, options.profile ?? profile.name, processEnvironment());
	return reminder === undefined ? warnings : [...warnings, reminder];
}

function claudeOrWhyNot(options: RunOptions): string {
	try {
		return locateClaude(options);
	} catch (error) {
		if (error instanceof UserError) return `claude (${error.message})`;
		throw error;
	}
}

function locateClaude({ claude }: RunOptions): string {
	// A clone holds claude as a development dependency, for the demo.
	return findClaude({ given: claude, environment: process.env, packageRoot: packageRoot() });
}

function planLaunch(profile: Profile, claudeArguments: readonly string[], options: RunOptions): LaunchPlan {
	const given = findOption(claudeArguments, "--settings")?.value;
	const argument = given === undefined ? undefined : readSettingsArgument(given, process.cwd());
	const unreadable = given !== undefined && argument === undefined;
	const files = readSettingsFiles(process.env, process.cwd());
	const settings = unreadable ? undefined : launchSettings({ claudeArguments, argument, files });
	const requestedModel = findOption(claudeArguments, "--model")?.value;
	const own = [...files, argument].findLast((candidate) => candidate?.["statusLine"])?.["statusLine"];
	const statusLine = !unreadable && wantsStatusLine(options, claudeArguments, own) ? { own } : undefined;
	const shows = !unreadable && !isPrintMode(claudeArguments);
	const modelPicker = shows ? pickerFor(profile, argument) : undefined;
	const added = statusLine || modelPicker ? (settings ?? argument ?? {}) : settings;
	return {
		profile,
		claudeArguments,
		settings: modelPicker ? { ...added, modelPicker } : added,
		statusLine,
		requestedModel,
	};
}

/** Claude Code takes the setting from `--settings`, else from the user's file; a project's does not count. */
function pickerFor(profile: Profile, argument: Settings | undefined): Settings | undefined {
	const own = argument?.["modelPicker"] ?? readUserSettings(process.env)?.["modelPicker"];
	return modelPickerSetting(modelRows(profile), own);
}

/** The flag asks for this run, and adds to a status line of the user's own; the variable leaves that alone. */
function wantsStatusLine({ statusline }: RunOptions, claudeArguments: readonly string[], own: unknown): boolean {
	if (isPrintMode(claudeArguments)) return false;
	return statusline === true || (process.env["CC_ANY_STATUSLINE"] === "1" && own === undefined);
}

function isPrintMode(claudeArguments: readonly string[]): boolean {
	return hasOption(claudeArguments, ["-p", "--print"]);
}

async function carryOut(plan: LaunchPlan, file: string, options: RunOptions): Promise<ChildEnd> {
	const { trace, quiet } = options;
	const { profile, claudeArguments, requestedModel } = plan;
	const relay = new SignalRelay();
	const resources = new Resources();
	resources.add(() => relay.close());
	try {
		const files = plan.settings && (await writeRunFiles(plan, plan.settings, resources));
		const summary = !quiet && !isPrintMode(claudeArguments);
		const onExchange = files?.statusLine && ((record: ExchangeRecord) => files.statusLine?.observe(record));
		const proxy = await openProxy({ profile, trace, summary, onExchange }, resources);
		const changes = environmentFor({ profile, proxy, parent: process.env, requestedModel });
		const childArguments = files ? withSettings(claudeArguments, files.settings) : claudeArguments;
		const environment = applyChanges(process.env, changes);
		const ended = runChild({ file, arguments: childArguments, environment }, relay);
		prepareSoon(proxy, resources);
		const end = await ended;
		await tellSummary(proxy.recording, options);
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

/** Writes the settings and, where it is wanted, the text of the status line into a folder of this run. */
async function writeRunFiles(plan: LaunchPlan, settings: Settings, resources: Resources): Promise<RunFiles> {
	const { profile, statusLine } = plan;
	const folder = makeRunFolder();
	resources.add(folder.remove);
	if (!statusLine) return { settings: writeSettingsFile(settings, folder.path), statusLine: undefined };
	const { StatusLine, statusLineSetting } = await import("../../launch/status-line.ts");
	const text = join(folder.path, "status.txt");
	const setting = statusLineSetting(text, statusLine.own);
	const path = writeSettingsFile({ ...settings, statusLine: setting }, folder.path);
	return { settings: path, statusLine: new StatusLine(text, profile) };
}

/** A few lines after an interactive session, which alone keeps records. */
async function tellSummary({ session, records }: Recording, options: RunOptions): Promise<void> {
	if (records.length === 0) return;
	const { exitSummary } = await import("./exit-summary.ts");
	const { summarise } = await import("../../trace/store/summarise.ts");
	const last = records.findLast(({ purpose, claudeSession }) => purpose === "main" && claudeSession)?.claudeSession;
	const resume = last && ["cc-any", ...selectionWords(options), "--resume", last].map(quote).join(" ");
	process.stderr.write(exitSummary(summarise(records), session, resume));
}
