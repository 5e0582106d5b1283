import { EXIT, UserError } from "./user-error.ts";

/** Longest command line of cmd.exe (learn.microsoft.com: Command prompt line string limitation). */
const MAX_COMMAND_CHARS = 8191;

/** An argument of these characters only needs no quotes. Microsoft lists the others in the help of cmd.exe. */
const PLAIN = /^[\w#$*+\-./:?@\\]*[\w#$*+\-./:?@]$/;

/**
 * How a batch file is started: by cmd.exe, with its arguments quoted so that none is taken for a command (the rules of
 * Rust's standard library, `make_bat_command_line`, made for CVE-2024-24576). Throws a `UserError` for what cmd.exe cannot
 * pass on.
 */
export function batchCommand(file: string, args: readonly string[]) {
	const line = [`"${file}"`, ...args.map(quoted)].join(" ");
	const problem = args.some((argument) => /[\r\n]/.test(argument))
		? "an argument with a line break"
		: line.length > MAX_COMMAND_CHARS && `more than ${MAX_COMMAND_CHARS} characters of arguments`;
	if (problem) {
		throw new UserError(`${file} is a batch file, which cannot get ${problem}`, {
			hint: "name the .exe that it starts, or give the text on standard input",
			exitCode: EXIT.usage,
		});
	}
	return {
		file: process.env["ComSpec"] || "cmd.exe",
		// Extensions on, delayed expansion off, no AutoRun commands of the registry.
		args: ["/e:ON", "/v:OFF", "/d", "/s", "/c", `"${line}"`],
		options: { windowsVerbatimArguments: true },
	};
}

function quoted(argument: string): string {
	if (PLAIN.test(argument)) return argument;
	// A quote is doubled. `%cd:~,%` is empty, so that no name of a variable is between two percent signs.
	const escaped = argument.split('"').map(beforeQuote).join('""').replaceAll("%", "%%cd:~,%");
	return `"${escaped}"`;
}

/** The text with the backslashes at its end doubled: before a quote, each pair is one. */
function beforeQuote(text: string): string {
	let count = 0;
	while (text.at(-1 - count) === "\\") count++;
	return text + "\\".repeat(count);
}
