import { Command, CommanderError } from "commander";
import { version } from "../../package.json";
import { splitArguments } from "../launch/arguments.ts";
import { EXIT } from "../platform/user-error.ts";
import { COMMANDS, RELEARN, TRACE } from "./add-commands.ts";
import { rootHelp } from "./help.ts";
import { addSelectionOptions } from "./selection.ts";
import { exitWithReader, fail } from "./ui/fail.ts";
import { print, tell } from "./ui/output.ts";

/** Commands that run something, and end with it. */
const RUNNING = new Set(["serve", "exec"]);

/** Runs one command line, without the names of node and of the script. Sets the exit code. */
export async function runLine(argv: readonly string[]): Promise<void> {
	try {
		const { command, own, claude } = splitArguments(argv, Object.keys(COMMANDS));
		if (command !== undefined && !RUNNING.has(command)) exitWithReader();
		const program = command === undefined ? launchProgram(own, claude) : commandProgram(command);
		await program.parseAsync(command === undefined ? own : [command, ...own], { from: "user" });
	} catch (error) {
		// commander has printed what was wrong, or the help or version that was asked for.
		if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
		else fail(error);
	}
}

/** The program with all commands and options, for the help and the completion. */
export function createProgram(claudeArguments: readonly string[]): Command {
	const program = addLaunch(bareProgram(), claudeArguments);
	for (const add of Object.values(COMMANDS)) add(program, () => program);
	return program;
}

/** The program that starts claude. Only its help needs the other commands. */
function launchProgram(own: readonly string[], claudeArguments: readonly string[]): Command {
	const isHelp = own.includes("--help") || own.includes("-h");
	return isHelp ? createProgram(claudeArguments) : addLaunch(bareProgram(), claudeArguments);
}

/** The program with one command. Building the others takes 5 ms. */
function commandProgram(name: string): Command {
	const program = bareProgram();
	COMMANDS[name]?.(program, () => createProgram([]));
	return program;
}

function bareProgram(): Command {
	const program = new Command("cc-any")
		.description("Run Claude Code on any model.")
		.exitOverride()
		.configureOutput({ writeOut: print, writeErr: tell })
		.showHelpAfterError("\nhint: see --help")
		.enablePositionalOptions()
		.helpCommand(false)
		.helpOption("-h, --help", "print this help");
	// configureHelp would apply to subcommands too.
	program.helpInformation = () => rootHelp(program);
	return program;
}

function addLaunch(program: Command, claudeArguments: readonly string[]): Command {
	return addSelectionOptions(program)
		.option("--claude <path>", "the claude program to run")
		.option("--dry-run", "print what would be run and set; start nothing")
		.option("--statusline", "show model, context and cost in the status line")
		.option("--trace", TRACE)
		.option("--relearn", RELEARN)
		.option("--quiet", "no warnings before, no summary after")
		.version(version, "--version", "print the version of cc-any")
		.action(async (options) => (await import("./commands/run/run.ts")).run(options, claudeArguments));
}
