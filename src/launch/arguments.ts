import { EXIT, UserError } from "../platform/user-error.ts";

/** A command line, split into cc-any's part and claude's. */
export interface SplitArguments {
	/** The subcommand, if the first argument names one; its arguments are then in `own`. */
	command: string | undefined;
	/** cc-any's own options with their values, in order. */
	own: string[];
	/** What claude gets, unchanged and in order. */
	claude: string[];
}

/** cc-any's own options of the main command that take a value. `--model` may be one of them, see below. */
export const VALUE_OPTIONS: readonly string[] = [
	...["--profile", "--base-url", "--dialect", "--key-env", "--region", "--vision", "--context", "--claude"],
];
export const FLAG_OPTIONS: readonly string[] = [
	...["--dry-run", "--statusline", "--trace", "--relearn", "--quiet", "--help", "-h", "--version"],
];

/**
 * Takes cc-any's own options out of a command line, at any position; the rest is claude's.
 *
 * - Only the first argument can be a subcommand, so a prompt may be any word.
 * - `--model` is cc-any's with `--base-url` and without `--profile`, where it names the model; otherwise claude's.
 * - `--` directly after cc-any's own options ends them, and is not passed on. Any other `--` is claude's. The arguments
 *   after either are claude's.
 *
 * Throws a UserError for an option without its value.
 */
export function splitArguments(argv: readonly string[], commands: readonly string[]): SplitArguments {
	const [first] = argv;
	if (first !== undefined && commands.includes(first)) return { command: first, own: argv.slice(1), claude: [] };

	const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
	const options = argv.slice(0, end);
	const own: string[] = [];
	const claude: string[] = [];
	const valueOptions = valueOptionsOf(options);
	for (let index = 0; index < options.length; index++) {
		const argument = options[index] ?? "";
		const name = nameOf(argument);
		const takesValue = valueOptions.includes(name);
		if (takesValue && argument === name) own.push(name, valueAfter(options, index++));
		else if (takesValue || FLAG_OPTIONS.includes(argument)) own.push(argument);
		// Claude Code would take the next option for the model, and start a session with what follows.
		else if (argument === "--model") claude.push(argument, valueAfter(options, index++));
		else claude.push(argument);
	}
	const separates = own.length > 0 && claude.length === 0;
	return { command: undefined, own, claude: [...claude, ...argv.slice(separates ? end + 1 : end)] };
}

/** `--name` of `--name=value`. */
function nameOf(argument: string): string {
	return argument.split("=", 1)[0] ?? "";
}

function valueOptionsOf(options: readonly string[]): readonly string[] {
	const names = new Set(options.map(nameOf));
	const namesModel = names.has("--base-url") && !names.has("--profile");
	return namesModel ? [...VALUE_OPTIONS, "--model"] : VALUE_OPTIONS;
}

function valueAfter(options: readonly string[], index: number): string {
	const value = options[index + 1];
	if (value !== undefined && !value.startsWith("-")) return value;
	throw new UserError(`option ${options[index]} needs a value`, {
		hint: "cc-any --help",
		exitCode: EXIT.usage,
	});
}

/** An option among claude's arguments. */
export interface FoundOption {
	/** Position of the value. */
	index: number;
	value: string;
	/** Written as `--name=value`. */
	joined: boolean;
}

/** The last use of an option that takes a value; for claude, the last one counts. Options end at `--`. */
export function findOption(claudeArguments: readonly string[], name: string): FoundOption | undefined {
	const options = optionsOf(claudeArguments);
	for (let index = options.length - 1; index >= 0; index--) {
		const argument = options[index] ?? "";
		if (argument.startsWith(`${name}=`)) return { index, value: argument.slice(name.length + 1), joined: true };
		const value = options[index + 1];
		if (argument === name && value !== undefined) return { index: index + 1, value, joined: false };
	}
	return undefined;
}

/** Whether one of the options is given, with or without a value. */
export function hasOption(claudeArguments: readonly string[], names: readonly string[]): boolean {
	return optionsOf(claudeArguments).some((argument) => names.includes(nameOf(argument)));
}

function optionsOf(claudeArguments: readonly string[]): readonly string[] {
	const separator = claudeArguments.indexOf("--");
	return separator === -1 ? claudeArguments : claudeArguments.slice(0, separator);
}
