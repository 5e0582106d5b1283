import { findOption, hasOption } from "../launch/claude-arguments.ts";
import { applyChanges, environmentFor } from "../launch/environment.ts";
import { findClaude } from "../launch/find-claude.ts";
import { packageRoot } from "../launch/package-root.ts";
import { launchSettings, withSettings } from "../launch/settings.ts";
import { readSettingsArgument, readSettingsFiles, writeSettingsFile } from "../launch/settings-file.ts";
import { type ChildEnd, endAs, runChild, SignalRelay } from "../launch/spawn.ts";
import { resolveProfile } from "../profile/load.ts";
import type { Profile } from "../profile/profile.ts";
import { openProxy, Resources } from "../session.ts";
import type { Recording } from "../trace/recording.ts";
import { UserError } from "../ui/fail.ts";
import { warn } from "../ui/warn.ts";
import type { LaunchPlan } from "./launch-plan.ts";
import { type SelectionOptions, selectionOf } from "./selection.ts";

export interface RunOptions extends SelectionOptions {
	claude?: string;
	dryRun?: boolean;
	quiet?: boolean;
	trace?: boolean;
}

/** Runs claude on the chosen profile, and ends as it ends. */
export async function run(options: RunOptions, claudeArguments: readonly string[]): Promise<void> {
	const profile = await resolveProfile(selectionOf(options));
	const plan = planLaunch(profile, claudeArguments);
	if (options.dryRun) {
		const { printPlan } = await import("./dry-run.ts");
		printPlan(plan, claudeOrWhyNot(options));
		return;
	}
	const file = locateClaude(options);
	if (!options.quiet) for (const warning of profile.warnings ?? []) warn(warning);
	endAs(await carryOut(plan, file, options));
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

function planLaunch(profile: Profile, claudeArguments: readonly string[]): LaunchPlan {
	const given = findOption(claudeArguments, "--settings")?.value;
	const argument = given === undefined ? undefined : readSettingsArgument(given, process.cwd());
	const unreadable = given !== undefined && argument === undefined;
	const files = readSettingsFiles(process.env, process.cwd());
	const settings = unreadable ? undefined : launchSettings({ claudeArguments, argument, files });
	return { profile, claudeArguments, settings, requestedModel: findOption(claudeArguments, "--model")?.value };
}

async function carryOut(plan: LaunchPlan, file: string, { trace, quiet }: RunOptions): Promise<ChildEnd> {
	const { profile, claudeArguments, settings, requestedModel } = plan;
	const relay = new SignalRelay();
	const resources = new Resources();
	resources.add(() => relay.close());
	try {
		const settingsFile = settings && writeSettingsFile(settings);
		if (settingsFile) resources.add(settingsFile.remove);
		const summary = !quiet && !hasOption(claudeArguments, ["-p", "--print"]);
		const proxy = await openProxy({ profile, trace, summary }, resources);
		const changes = environmentFor({ profile, proxy, parent: process.env, requestedModel });
		const childArguments = settingsFile ? withSettings(claudeArguments, settingsFile.path) : claudeArguments;
		const environment = applyChanges(process.env, changes);
		const end = await runChild({ file, arguments: childArguments, environment }, relay);
		await tellSummary(proxy.recording);
		return end;
	} finally {
		await resources.release();
	}
}

/** One to four lines after an interactive session, which alone keeps records. */
async function tellSummary({ session, records }: Recording): Promise<void> {
	if (records.length === 0) return;
	const { exitSummary } = await import("../launch/exit-summary.ts");
	const { summarise } = await import("../trace/summarise.ts");
	process.stderr.write(exitSummary(summarise(records), session));
}
