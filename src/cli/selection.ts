import { type Command, Option } from "commander";
import { DIALECTS } from "../profile/model/dialect-names.ts";
import type { Selection } from "../profile/resolve/resolve-profile.ts";

/** The options that choose a profile, or describe a target without one. */
export interface SelectionOptions {
	profile?: string;
	baseUrl?: string;
	dialect?: (typeof DIALECTS)[number];
	keyEnv?: string;
	region?: string;
	vision?: string;
	model?: string;
	context?: string;
}

/** Adds the options to a command. */
export function addSelectionOptions(command: Command): Command {
	return command
		.option("--profile <name|file>", "profile to use (cc-any profiles lists them)")
		.option("--base-url <url>", "endpoint to use without a profile")
		.option("--model <name>", "with --base-url: the model of every tier")
		.addOption(new Option("--dialect <dialect>", "wire format of the endpoint").choices(DIALECTS))
		.option("--key-env <variable>", "environment variable that holds the key")
		.option("--region <name>", "regional endpoint of the profile")
		.option("--vision <profile/model>", "describes images to models that cannot see them")
		.option("--context <tokens>", "context window of the main model: 32k, 131072");
}

/** The options as `resolveProfile` takes them. */
export function selectionOf(options: SelectionOptions): Selection {
	const { profile, baseUrl, dialect, keyEnv, region, vision, model, context } = options;
	return { profile, baseUrl, dialect, keyEnv, region, vision, model, context, cwd: process.cwd() };
}

/** The options as command-line arguments. */
export function selectionArgs({
	profile,
	baseUrl,
	model,
	dialect,
	keyEnv,
	region,
	vision,
	context,
}: SelectionOptions): string[] {
	const options = {
		"--profile": profile,
		"--base-url": baseUrl,
		"--model": model,
		"--dialect": dialect,
		"--key-env": keyEnv,
		"--region": region,
		"--vision": vision,
		"--context": context,
	};
	return Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
}
