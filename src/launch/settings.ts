import { isObject } from "../platform/json.ts";
import { findOption, hasOption } from "./claude-arguments.ts";

/** Claude Code's settings as far as cc-any looks at them; unknown keys are kept. */
export type Settings = { [key: string]: unknown };

/** The arguments with `path` in the place of the user's own `--settings`, or in front. */
export function withSettings(claudeArguments: readonly string[], path: string): string[] {
	const found = findOption(claudeArguments, "--settings");
	if (!found) return ["--settings", path, ...claudeArguments];
	return claudeArguments.map((argument, index) => {
		if (index !== found.index) return argument;
		return found.joined ? `--settings=${path}` : path;
	});
}

export interface SettingsFacts {
	claudeArguments: readonly string[];
	/** Content of the user's `--settings`. */
	argument: Settings | undefined;
	/** Content of the user's, the project's and the local settings file. */
	files: readonly Settings[];
}

const MODE_OPTIONS = ["--permission-mode", "--dangerously-skip-permissions", "--allow-dangerously-skip-permissions"];

/**
 * The settings to start with, or undefined where there is nothing to add. From 2.1.330 on, auto mode is the
 * interactive default and its check, which runs at Anthropic, fails through any other endpoint: the first tool call
 * would meet an error. It is switched off, so that the ordinary permission prompt comes, unless the user chose a mode.
 */
export function launchSettings({ claudeArguments, argument, files }: SettingsFacts): Settings | undefined {
	const chosen = [argument, ...files].some((settings) => settings && choosesMode(settings));
	if (chosen || hasOption(claudeArguments, MODE_OPTIONS)) return undefined;
	return mergeSettings({ disableAutoMode: "disable" }, argument ?? {});
}

/** Objects are joined, key by key; anywhere else the user's value replaces cc-any's. */
export function mergeSettings(overrides: Settings, user: Settings): Settings {
	const merged: Settings = { ...overrides };
	for (const [key, value] of Object.entries(user)) {
		const own = overrides[key];
		merged[key] = isObject(own) && isObject(value) ? mergeSettings(own, value) : value;
	}
	return merged;
}

function choosesMode(settings: Settings): boolean {
	const permissions = isObject(settings["permissions"]) ? settings["permissions"] : {};
	const keys = ["defaultMode", "disableAutoMode"];
	return "disableAutoMode" in settings || keys.some((key) => key in permissions);
}
