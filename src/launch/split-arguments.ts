import { EXIT, UserError } from "../platform/user-error.ts";

/** A command line taken apart: what is cc-any's and what is claude's. */
export interface SplitArguments {
	/** The subcommand, where the first argument names one; its arguments are then in `own`. */
	command: string | undefined;
	/** cc-any's own options with their values, in order. */
	own: string[];
	/** What claude gets, unchanged and in order. */
	claude: string[];
}

/** cc-any's own options of the main command that take a value. `--model` joins them, see below. */
export const VALUE_OPTIONS = ["--profile", "--base-url", "--dialect", "--key-env", "--region", "--claude"] as const;
export const FLAG_OPTIONS = ["--dry-run", "--statusline", "--trace", "--quiet", "--help", "-h", "--version"] as const;

/**
 * Takes cc-any's own options out of a command line, wherever they stand; the rest is claude's.
 *
 * - Only the first argument can be a subcommand, so a prompt may be any word.
 * - `--model` is cc-any's with `--base-url` and without `--profile`, where it names the model; otherwise claude's.
 * - `--` directly after cc-any's own options ends them, and is not passed on. Any other `--` is claude's. What follows
 *   is never looked at.
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
		const argument = options[index] as string;
		const [name] = argument.split("=", 1) as [string];
		const takesValue = valueOptions.includes(name);
		if (takesValue && argument === name) own.push(name, valueAfter(options, index++));
		else if (takesValue || (FLAG_OPTIONS as readonly string[]).includes(argument)) own.push(argument);
		else claude.push(argument);
	}
	const separates = own.length > 0 && claude.length === 0;
	return { command: undefined, own, claude: [...claude, ...argv.slice(separates ? end + 1 : end)] };
}

function valueOptionsOf(options: readonly string[]): readonly string[] {
	const names = new Set(options.map((option) => option.split("=", 1)[0]));
	const namesModel = names.has("--base-url") && !names.has("--profile");
	return namesModel ? [...VALUE_OPTIONS, "--model"] : VALUE_OPTIONS;
}

function valueAfter(options: readonly string[], index: number): string {
	const value = options[index + 1];
	if (value !== undefined && !value.startsWith("--")) return value;
	throw new UserError(`option ${options[index]} needs a value`, {
		hint: "cc-any --help",
		exitCode: EXIT.usage,
	});
}
