import type { Command } from "commander";
import { style } from "../ui/style.ts";

const USAGE = ["cc-any [options] [claude arguments…]", "cc-any COMMAND [options]"];

const EXAMPLES = [
	["cc-any --profile deepseek", "Claude Code on DeepSeek"],
	['cc-any --profile kimi -p "explain this repository"', "print mode"],
	["cc-any --base-url http://localhost:8000/v1 --model qwen3-coder", ""],
	["cc-any exec --profile glm -- node agent.mjs", "an Agent SDK script"],
];

const EXIT_CODES = [
	["claude's own", "the code, or the signal, that claude ends with"],
	["1, 2", "the command failed; wrong usage"],
	["78", "a profile, a config file or a key is missing or wrong"],
	["127", "claude was not found"],
];

/** The help of cc-any itself: one screen. */
export function rootHelp(program: Command): string {
	const options = program.options.map((option) => [option.flags, option.description]);
	const help = ["-h, --help", "print this help"];
	const commands = program.commands.map((command) => [command.name(), command.description()]);
	return [
		style.heading(program.description()),
		"",
		section(
			"Usage",
			USAGE.map((line) => [line, ""]),
		),
		section("Examples", EXAMPLES),
		section("Options (everything else goes to claude, in order)", [...options, help]),
		section("Commands (cc-any COMMAND --help)", commands),
		section("Exit codes", EXIT_CODES),
	].join("\n");
}

function section(title: string, rows: readonly (readonly string[])[]): string {
	const width = Math.max(...rows.filter((row) => row[1]).map((row) => row[0]?.length ?? 0));
	const lines = rows.map(([term = "", text = ""]) => `  ${text ? `${term.padEnd(width)}  ${text}` : term}\n`);
	return `${style.heading(`${title}:`)}\n${lines.join("")}`;
}
