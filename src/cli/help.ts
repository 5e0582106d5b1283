import type { Command } from "commander";
import { style } from "./ui/style.ts";

const USAGE = "cc-any [options] [claude arguments…], or cc-any COMMAND [options]";

const EXAMPLES = [
	["cc-any --profile deepseek", "Claude Code on DeepSeek"],
	["cc-any --base-url http://localhost:8000/v1 --model qwen3-coder", ""],
];

const EXIT_CODES = "claude's own; 1 failed, 2 usage, 78 profile or key, 127 no claude";

/** The help of cc-any itself, which fits 40 lines of 80 columns. */
export function rootHelp(program: Command): string {
	const last = ["--version, -h, --help", "print the version; print this help"];
	const options = program.options.filter(({ long }) => long !== "--version");
	const rows = [...options.map((option) => [option.flags, option.description]), last];
	// `help` itself is in the row of `--help`.
	const listed = program.commands.filter((command) => command.name() !== "help");
	const commands = listed.map((command) => [command.name(), command.description()]);
	return [
		style.heading(program.description()),
		`${style.heading("Usage:")} ${USAGE}`,
		"",
		section("Examples", EXAMPLES),
		section("Options (everything else goes to claude, in order)", rows),
		section("Commands (cc-any COMMAND --help)", commands),
		`${style.heading("Exit codes:")} ${EXIT_CODES}\n`,
	].join("\n");
}

function section(title: string, rows: readonly (readonly string[])[]): string {
	const width = Math.max(...rows.filter((row) => row[1]).map((row) => row[0]?.length ?? 0));
	const lines = rows.map(([term = "", text = ""]) => `  ${text ? `${term.padEnd(width)}  ${text}` : term}\n`);
	return `${style.heading(`${title}:`)}\n${lines.join("")}`;
}
