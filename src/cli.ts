import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { version } from "../package.json";
import { rootHelp } from "./commands/help.ts";
import { addSelectionOptions } from "./commands/selection.ts";
import { splitArguments } from "./launch/split-arguments.ts";
import { DIALECTS } from "./profile/quirks.ts";
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

	addProfileCommands(program);
	addTraceCommands(program);
	addCheckCommand(program);
	return program;
}

function addProfileCommands(program: Command): void {
	const profiles = program
		.command("profiles")
		.description("list the profiles; show one; import one from Claude's settings")
		.option("--json", "one JSON array")
		.action(async (options) => (await import("./commands/profiles.ts")).listProfiles(options));
	profiles
		.command("show")
		.description("a profile as it would be used, secrets masked, each value with its origin")
		.argument("<name|file>")
		.option("--region <name>", "regional endpoint of the profile")
		.addOption(new Option("--dialect <dialect>", "wire format of the endpoint").choices(DIALECTS))
		.option("--json", "one JSON object")
		.action(async (name, _options, command) =>
			// `--json` may stand before or after the name of the subcommand.
			(await import("./commands/profiles.ts")).showProfile({ name, ...command.optsWithGlobals() }),
		);
	profiles
		.command("import")
		.description("turn the modelOverrides block of Claude's settings into a profile")
		.option("--name <name>", "name of the new profile")
		.option("--force", "replace a profile of that name")
		.option("--remove-from-settings", "take the block out of the settings file, a copy is kept")
		.action(async (options) => (await import("./commands/profiles.ts")).importProfile(options));
	program
		.command("trust")
		.description("allow this project's cc-any file to set addresses and keys")
		.argument("[file]")
		.action(async (file) => (await import("./commands/trust.ts")).trust({ file }));
}

function addTraceCommands(program: Command): void {
	const trace = program
		.command("trace")
		.description("what happened: list sessions; show, explain, export an exchange")
		.option("--json", "one JSON document")
		.option("--all", "every session, not only the latest")
		.action(async (options) => (await import("./commands/trace/list.ts")).listSessions(options));
	const json = "one JSON document";
	trace
		.command("show")
		.description("the exchanges of a session, or one of them readably")
		.argument("<session>", "id, beginning or end of one, or last")
		.argument("[n]", "number of the exchange")
		.option("--json", json)
		.action(async (session, number, _options, command) =>
			(await import("./commands/trace/show.ts")).showTrace(session, number, command.optsWithGlobals()),
		);
	trace
		.command("explain")
		.description("where an exchange first departs from what was expected")
		.argument("<session>", "id, beginning or end of one, or last")
		.argument("[n]", "number of the exchange (the first that departs)")
		.option("--json", json)
		.action(async (session, number, _options, command) =>
			(await import("./commands/trace/explain.ts")).explainTrace(session, number, command.optsWithGlobals()),
		);
	trace
		.command("tail")
		.description("follow the exchanges live")
		.argument("[session]", "the newest without it")
		.action(async (session) => (await import("./commands/trace/tail.ts")).tailTrace(session));
	trace
		.command("view")
		.description("open the viewer: a page on this machine")
		.option("--port <number>", "port to listen on (any free one without it)", port)
		.action(async (options) => (await import("./commands/trace/view.ts")).viewTraces(options));
	trace
		.command("export")
		.description("write one exchange as a bundle: for a bug report, and a test fixture")
		.argument("<session>")
		.argument("<n>")
		.argument("<dir>", "a new folder")
		.action(async (session, number, folder) =>
			(await import("./commands/trace/export.ts")).exportTrace(session, number, folder),
		);
	addSelectionOptions(program.command("replay"))
		.description("run an exported exchange again, and show what is different")
		.argument("<bundle>", "folder that cc-any trace export wrote")
		.option("--live", "against the provider, not offline")
		.action(async (bundle, options) => (await import("./commands/replay.ts")).replay(bundle, options));
}

function addCheckCommand(program: Command): void {
	program
		.command("check")
		.description("try a provider before you trust it: tool calls, limits, streaming")
		.argument("<profile...>", "one profile, or several to compare")
		.option("--runs <number>", "runs of each probe", runs, 3)
		.option("--only <names>", "probes to run, with commas between", (text) => text.split(","))
		.option("--model <name>", "model to check (the main model without it)")
		.option("--region <name>", "regional endpoint of the profile")
		.option("--costly", "also the probes that fill the context window")
		.option("--turns <number>", "then an agent loop of so many tool calls, 4 to 200", turns)
		.option("--loops <number>", "how many such loops", count, 1)
		.option("--with-claude", "and the real Claude Code on such a task (60 calls without --turns)")
		.option("--claude <path>", "the claude program to run")
		.option("--yes", "do not ask, however much it may cost")
		.option("--budget <dollars>", "begin no further trial above this cost", amount)
		.option("--gate <share>", "exit code 1 below this overall score, for example 0.95", share)
		.option("--apply", "write what was learned into your own layer of the profile")
		.option("--forget", "remove what was learned; check nothing")
		.option("--since-last", "also what changed since the last check of the same model")
		.option("--json", "one JSON array")
		.option("--markdown", "Markdown")
		.option("--html <file>", "also a page with charts, in one file")
		.action(async (profiles, options) => (await import("./commands/check/check.ts")).check(profiles, options));
}

function runs(text: string): number {
	const value = Number(text);
	if (Number.isInteger(value) && value > 0 && value <= 1000) return value;
	throw new InvalidArgumentError("It must be a number from 1 to 1000.");
}

function count(text: string): number {
	return text === "0" ? 0 : runs(text);
}

function turns(text: string): number {
	const value = Number(text);
	if (Number.isInteger(value) && value >= 4 && value <= 200) return value;
	throw new InvalidArgumentError("It must be a number from 4 to 200.");
}

function amount(text: string): number {
	const value = Number(text);
	if (value > 0) return value;
	throw new InvalidArgumentError("It must be a number above 0.");
}

function share(text: string): number {
	const value = Number(text);
	if (value > 0 && value <= 1) return value;
	throw new InvalidArgumentError("It must be a number above 0 and at most 1.");
}

function port(text: string): number {
	const value = Number(text);
	if (Number.isInteger(value) && value > 0 && value < 65_536) return value;
	throw new InvalidArgumentError("It must be a number from 1 to 65535.");
}
