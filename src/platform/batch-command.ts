import { EXIT, UserError } from "./user-error.ts";

/** Longest command line of cmd.exe (learn.microsoft.com: Command prompt line string limitation). */
const MAX_COMMAND_CHARS = 8191;

/** An argument of these characters only needs no quotes. Microsoft lists the others in the help of cmd.exe. */
const PLAIN = /^[\w#$*+\-./:?@\\]*[\w#$*+\-./:?@]$/;

/**
 * How a batch file is started: by cmd.exe, with its arguments quoted so that none is read as a command (the rules of
 * Rust's standard library, `make_bat_command_line`, made for CVE-2024-24576). Throws a `UserError` for what cmd.exe cannot
 * pass on.
 */
export function batchCommand(file: string, args: readonly string[], directory = process.cwd()) {
	const line = [`"${file}"`, ...args.map(quoted)].join(" ");
	if (args.some((argument) => /[\r\n]/.test(argument)))
		throw refused(file, "get an argument with a line break", TEXT_HINT);
	if (line.length > MAX_COMMAND_CHARS) {
		throw refused(file, `get more than ${MAX_COMMAND_CHARS} characters of arguments`, TEXT_HINT);
	}
	// cmd.exe would run it in C:\Windows.
	if (/^[\\/]{2}(?![?.])/.test(directory)) {
		throw refused(file, `run in the network folder ${directory}`, "give the folder a drive letter: net use");
	}
	return {
		file: process.env["ComSpec"] || "cmd.exe",
		// Extensions on, delayed expansion off, no AutoRun commands of the registry.
		args: ["/e:ON", "/v:OFF", "/d", "/s", "/c", `"${line}"`],
		options: { windowsVerbatimArguments: true },
	};
}

const TEXT_HINT = "give the text on standard input";

function refused(file: string, problem: string, hint: string): UserError {
	return new UserError(`${file} is a batch file, which cannot ${problem}`, {
		hint: `name the .exe that it starts, or ${hint}`,
		exitCode: EXIT.usage,
	});
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
