import { Argument, type Command, Option } from "commander";
import { nearest } from "../platform/nearest.ts";
import { EXIT, UserError } from "../platform/user-error.ts";
import { DIALECTS } from "../profile/model/dialect-names.ts";
import { addReplay, addTrace } from "./commands/trace/add-trace.ts";
import { amount, count, port, runs, share, turns } from "./option-values.ts";
import { addSelectionOptions } from "./selection.ts";
import { print } from "./ui/output.ts";

/** The description of `--relearn`. */
export const RELEARN = "forget what the endpoints refused in earlier runs";

/** The description of `--trace`. */
export const TRACE = "record every exchange in full, without secrets";
const SHELLS = ["bash", "zsh", "fish", "powershell", "words"];
const USAGE_GROUPS = ["profile", "model", "project", "day"];

/** Adds a command. `all` builds the whole program, for a command that needs all the others. */
type AddCommand = (program: Command, all: () => Command) => void;

/** All commands except run, by name, in the order of the help. An action imports its module only when it runs. */
export const COMMANDS: Readonly<Record<string, AddCommand>> = {
	serve: addServe,
	exec: addExec,
	profiles: addProfiles,
	trust: addTrust,
	init: addInit,
	usage: addUsage,
	models: addModels,
	doctor: addDoctor,
	keys: addKeys,
	trace: addTrace,
	replay: addReplay,
	check: addCheck,
	completion: addCompletion,
	help: addHelp,
};

function addServe(program: Command): void {
	addSelectionOptions(program.command("serve"))
		.description("run the proxy alone, for the Agent SDK, IDEs and scripts")
		.option("--port <number>", "port to listen on (default: any free one)", port)
		.option("--token-env <name>", "variable that holds the token for clients (default: a random one)")
		.option("--json", "first line of output: url, token, pid and profile as JSON")
		.option("--trace", TRACE)
		.option("--relearn", RELEARN)
		.action(async (options) => (await import("./commands/serve.ts")).serve(options));
}

function addExec(program: Command): void {
	addSelectionOptions(program.command("exec"))
		.description("run any command with the environment of a profile")
		.usage("[options] -- COMMAND [ARGUMENTS…]")
		.option("--trace", TRACE)
		.option("--relearn", RELEARN)
		.argument("<command...>")
		.passThroughOptions()
		.action(async (command, options) => (await import("./commands/exec.ts")).exec(options, command));
}

function addProfiles(program: Command): void {
	const profiles = program
		.command("profiles")
		.description("list the profiles; show one; import one from Claude's settings")
		.option("--json", "one JSON array")
		.action(async (options) => (await import("./commands/profiles/profiles.ts")).listProfiles(options));
	profiles
		.command("list")
		.description("list the profiles, as without a subcommand")
		.option("--json", "one JSON array")
		.action(async (_options, command) =>
			(await import("./commands/profiles/profiles.ts")).listProfiles(command.optsWithGlobals()),
		);
	profiles
		.command("show")
		.description("a profile as it would be used, secrets masked, each value with its origin")
		.argument("<name|file>")
		.option("--region <name>", "regional endpoint of the profile")
		.addOption(new Option("--dialect <dialect>", "wire format of the endpoint").choices(DIALECTS))
		.option("--json", "one JSON object")
		.action(async (name, _options, command) =>
			// `--json` may come before or after the name of the subcommand.
			(await import("./commands/profiles/profiles.ts")).showProfile({ name, ...command.optsWithGlobals() }),
		);
	profiles
		.command("import")
		.description("make a profile of the endpoint in Claude's settings, or in ANTHROPIC_* variables")
		.option("--name <name>", "name of the new profile")
		.option("--force", "replace a profile of that name")
		.option("--remove-from-settings", "remove the block from the settings file, and keep a copy of the file")
		.action(async (options) => (await import("./commands/profiles/profiles.ts")).importProfile(options));
}

function addTrust(program: Command): void {
	program
		.command("trust")
		.description("allow this project's cc-any file to set addresses and keys")
		.argument("[file]")
		.action(async (file) => (await import("./commands/trust.ts")).trust({ file }));
}

function addInit(program: Command): void {
	program
		.command("init")
		.description("guided setup: provider, key, models, a test, the default")
		.option("--profile <name>", "the provider")
		.option("--key-stdin", "read the key from standard input")
		.option("--opus <model>", "model of the large tier")
		.option("--sonnet <model>", "model of the middle tier")
		.option("--haiku <model>", "model of the small tier")
		.option("--test", "ask the model for one tool call")
		.option("--no-test", "skip the test without asking")
		.option("--default", "make it the default profile")
		.option("--no-default", "do not ask about the default")
		.action(async (options) => (await import("./commands/init/init.ts")).init(options));
}

function addUsage(program: Command): void {
	program
		.command("usage")
		.description("tokens and cost of the last days, from local records")
		.addOption(new Option("--since <time>", "start of the period: 12h, 7d, 4w or 2026-11-01").default("7d"))
		.addOption(new Option("--by <group>", "what to group by").choices(USAGE_GROUPS).default("profile"))
		.option("--json", "one JSON object")
		.action(async (options) => (await import("./commands/usage.ts")).showUsage(options));
}

function addModels(program: Command): void {
	program
		.command("models")
		.description("the models of a profile: window, price, abilities, source")
		.argument("[profile]", "by default the profile that a run would use")
		.option("--search <text>", "the models of all profiles whose name contains the text")
		.option("--refresh", "fetch the provider's list of models")
		.option("--from <catalogue>", "with --refresh: ask models.dev, or models.dev/PROVIDER, instead")
		.option("--json", "one JSON object")
		.action(async (name, options) => (await import("./commands/models/models.ts")).listProfileModels(name, options));
}

function addDoctor(program: Command): void {
	addSelectionOptions(program.command("doctor"))
		.description("find what is wrong, from claude to a tool call")
		.argument("[profile]", "by default the profile that a run would use")
		.option("--claude <path>", "the claude program to examine")
		.option("--offline", "send nothing to the provider")
		.option("--json", "one JSON array")
		.action(async (name, options) => (await import("./commands/doctor/doctor.ts")).doctor(name, options));
}

function addKeys(program: Command): void {
	const keys = program
		.command("keys")
		.description("API keys: list, set, remove, test; never shown")
		.helpCommand(false)
		.action(async () => (await import("./commands/keys.ts")).listKeys({}));
	const name = "a profile, or the variable that it reads its key from";
	keys
		.command("list")
		.description("which keys are set, and where they come from")
		.option("--json", "one JSON array")
		.action(async (options) => (await import("./commands/keys.ts")).listKeys(options));
	keys
		.command("set")
		.description("store a key, from standard input or a hidden prompt")
		.argument("<name>", name)
		.option("--file", "in a private file, not in the keychain")
		.allowExcessArguments()
		.action(async (given, options, { args }) => {
			const { refuseKeyArgument, setKey } = await import("./commands/keys.ts");
			if (args.length > 1) refuseKeyArgument(given);
			return setKey(given, options);
		});
	keys
		.command("remove")
		.description("forget a stored key")
		.argument("<name>", name)
		.action(async (given) => (await import("./commands/keys.ts")).removeKey(given));
	keys
		.command("test")
		.description("ask the provider for its models with the key")
		.argument("<profile>")
		.action(async (profile) => (await import("./commands/keys.ts")).testKey(profile));
}

function addCheck(program: Command): void {
	program
		.command("check")
		.description("test a provider before you use it: tool calls, limits, streaming")
		.argument("<profile...>", "one profile, or several to compare")
		.option("--runs <number>", "runs of each probe", runs, 3)
		.option("--only <names>", "probes to run, separated by commas", (text) => text.split(","))
		.option("--model <name>", "model to check (default: the main model)")
		.option("--region <name>", "regional endpoint of the profile")
		.option("--costly", "also the probes that fill the context window")
		.option("--turns <number>", "add an agent loop of this many tool calls, 4 to 200", turns)
		.option("--loops <number>", "number of these loops", count, 1)
		.option(
			"--with-claude",
			"also the real Claude Code, on such a task (60 calls without --turns) and in small repositories",
		)
		.option("--claude <path>", "the claude program to run")
		.option("--yes", "do not ask, whatever it costs")
		.option("--budget <dollars>", "stop when the cost exceeds this; needs prices in the profile", amount)
		.option("--gate <share>", "exit with 1 if the score is below this, for example 0.95", share)
		.option("--apply", "write what was learned into your own layer of the profile")
		.option("--undo", "undo what the last --apply wrote; check nothing")
		.option("--forget", "remove what --apply learned; check nothing")
		.option("--since-last", "also show what changed since the last check of the same model")
		.option("--json", "one JSON array")
		.option("--markdown", "Markdown")
		.option("--html <file>", "also a page with charts, in one file")
		.action(async (profiles, options) => (await import("./commands/check/check.ts")).check(profiles, options));
}

function addCompletion(program: Command, all: () => Command): void {
	program
		.command("completion")
		.description("print the completion script of a shell")
		.addArgument(new Argument("<shell>").choices(SHELLS))
		.argument("[words...]", "with `words`: the command line so far, after --")
		.action(async (shell, words) => (await import("./commands/completion/completion.ts")).complete(shell, words, all));
}

function addHelp(program: Command, all: () => Command): void {
	program
		.command("help", { hidden: true })
		.description("print this help, or the help of a command")
		.argument("[command]")
		.action((name?: string) => {
			const whole = all();
			if (name === undefined) return print(whole.helpInformation());
			const command = whole.commands.find((each) => each.name() === name);
			if (command) return print(command.helpInformation());
			const names = whole.commands.map((each) => each.name());
			const guess = nearest(name, names);
			throw new UserError(`cc-any has no command ${name}`, {
				hint: guess ? `did you mean ${guess}?` : `the commands: ${names.join(", ")}`,
				exitCode: EXIT.usage,
			});
		});
}
