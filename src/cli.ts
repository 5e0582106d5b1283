import { Command, CommanderError } from "commander";
import { version } from "../package.json";
import { addCommands } from "./commands/add-commands.ts";
import { rootHelp } from "./commands/help.ts";
import { port } from "./commands/option-values.ts";
import { addSelectionOptions } from "./commands/selection.ts";
import { splitArguments } from "./launch/split-arguments.ts";
import { EXIT, fail } from "./ui/fail.ts";

const TRACE = "record every exchange in full, without secrets";

/** Runs one command line, without the names of node and of the script. Sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
	try {
		const commands = createProgram([]).commands.map((command) => command.name());
		const { command, own, claude } = splitArguments(argv, commands);
		await createProgram(claude).parseAsync(command ? [command, ...own] : own, { from: "user" });
	} catch (error) {
		// commander has printed what was wrong, or the help or version that was asked for.
		if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
		else fail(error);
	}
}

/** Every command with its options. Actions import their module only when they run. */
export function createProgram(claudeArguments: readonly string[]): Command {
	const program = new Command("cc-any")
		.description("Run Claude Code on any model.")
		.exitOverride()
		.showHelpAfterError("\nhint: see --help")
		.enablePositionalOptions()
		.helpCommand(false)
		.helpOption("-h, --help", "print this help");
	// Not by configureHelp, which subcommands inherit.
	program.helpInformation = () => rootHelp(program);

	addSelectionOptions(program)
		.option("--claude <path>", "the claude program to run")
		.option("--dry-run", "print what would be run and set; start nothing")
		.option("--statusline", "show model, context and cost in the status line")
		.option("--trace", TRACE)
		.option("--quiet", "no warnings before, no summary after")
		.version(version, "--version", "print the version of cc-any")
		.action(async (options) => (await import("./commands/run.ts")).run(options, claudeArguments));

	addSelectionOptions(program.command("serve"))
		.description("run the proxy alone, for the Agent SDK, IDEs and scripts")
		.option("--port <number>", "port to listen on (any free one without it)", port)
		.option("--json", "first line of output: url, token, pid and profile as JSON")
		.option("--trace", TRACE)
		.action(async (options) => (await import("./commands/serve.ts")).serve(options));

	addSelectionOptions(program.command("exec"))
		.description("run any command with the environment of a profile")
		.usage("[options] -- COMMAND [ARGUMENTS…]")
		.option("--trace", TRACE)
		.argument("<command...>")
		.passThroughOptions()
		.action(async (command, options) => (await import("./commands/exec.ts")).exec(options, command));

	addCommands(program);
	return program;
}
