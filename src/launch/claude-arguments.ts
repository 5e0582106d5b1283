/** An option among claude's arguments. */
export interface FoundOption {
	/** Position of the value. */
	index: number;
	value: string;
	/** Written as `--name=value`. */
	joined: boolean;
}

/** The last use of an option that takes a value; claude lets the last one win. What follows `--` is no option. */
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
	return optionsOf(claudeArguments).some((argument) => names.includes(argument.split("=", 1)[0] ?? ""));
}

function optionsOf(claudeArguments: readonly string[]): readonly string[] {
	const separator = claudeArguments.indexOf("--");
	return separator === -1 ? claudeArguments : claudeArguments.slice(0, separator);
}
