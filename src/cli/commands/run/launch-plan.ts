import { findOption, hasOption } from "../../../launch/arguments.ts";
import { modelPickerSetting } from "../../../launch/model-picker.ts";
import {
	launchSettings,
	readSettingsArgument,
	readSettingsFiles,
	readUserSettings,
	type Settings,
} from "../../../launch/settings.ts";
import type { Variables } from "../../../platform/paths.ts";
import type { Profile } from "../../../profile/model/profile.ts";

/** What a start of claude will do. */
export interface LaunchPlan {
	profile: Profile;
	/** claude's arguments as the user gave them. */
	claudeArguments: readonly string[];
	/** Content of the temporary settings file; undefined if the user's own `--settings` cannot be read. */
	settings: Settings | undefined;
	/** Claude's status line shows cc-any's; `own` is the user's setting, which then comes first. */
	statusLine: { own: unknown } | undefined;
	requestedModel: string | undefined;
}

export interface PlanContext {
	/** The user asked for the status line in this run. */
	statusLine: boolean;
	variables: Variables;
	directory: string;
}

/** Decides what claude is started with. Reads its settings files. */
export function planLaunch(
	profile: Profile,
	claudeArguments: readonly string[],
	{ statusLine, variables, directory }: PlanContext,
): LaunchPlan {
	const requestedModel = findOption(claudeArguments, "--model")?.value;
	const plan = { profile, claudeArguments, requestedModel };
	const given = findOption(claudeArguments, "--settings")?.value;
	const argument = given === undefined ? undefined : readSettingsArgument(given, directory);
	// claude reports settings that cannot be read, so they are passed on unchanged.
	if (given !== undefined && !argument) return { ...plan, settings: undefined, statusLine: undefined };
	const files = readSettingsFiles(variables, directory);
	const isInteractive = !isPrintMode(claudeArguments);
	// The flag adds to a status line of the user's own; the variable changes no status line at all.
	const isFree = [...files, argument].every((settings) => settings?.["statusLine"] === undefined);
	const wantsStatusLine = statusLine || (variables["CC_ANY_STATUSLINE"] === "1" && isFree);
	// A command of the project's is not passed on: claude runs it only after the user has trusted the folder.
	const own = argument?.["statusLine"] ?? readUserSettings(variables)?.["statusLine"];
	const shown = isInteractive && wantsStatusLine ? { own } : undefined;
	const modelPicker = isInteractive ? pickerSetting(profile, argument, variables) : undefined;
	const settings = launchSettings({ claudeArguments, argument, files });
	return { ...plan, settings: modelPicker ? { ...settings, modelPicker } : settings, statusLine: shown };
}

export function isPrintMode(claudeArguments: readonly string[]): boolean {
	return hasOption(claudeArguments, ["-p", "--print"]);
}

/** Claude Code takes this setting from `--settings`, else from the user's file, never from a project's. */
function pickerSetting(profile: Profile, argument: Settings | undefined, variables: Variables): Settings | undefined {
	const own = argument?.["modelPicker"] ?? readUserSettings(variables)?.["modelPicker"];
	return modelPickerSetting(profile, own);
}
