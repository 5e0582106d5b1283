import { ClaudeNotFound } from "../../../launch/find-claude.ts";
import { UserError } from "../../../platform/user-error.ts";
import { tell } from "../../ui/output.ts";
import { confirm } from "../../ui/prompt.ts";

const COMMAND = ["npm", "install", "-g", "@anthropic-ai/claude-code"] as const;

/** How a missing claude is installed. */
interface Installer {
	confirm(question: string): Promise<boolean>;
	/** Runs the command on the user's terminal; its exit code, or undefined if it could not be started. */
	run(command: readonly string[]): Promise<number | undefined>;
}

const TERMINAL: Installer = { confirm, run: runOnTerminal };

/** The path of claude. If there is none, a person is asked whether to install it; a script gets the error of `find`. */
export async function claudeOrInstalled(find: () => string, { confirm, run }: Installer = TERMINAL): Promise<string> {
	try {
		return find();
	} catch (error) {
		if (!(error instanceof ClaudeNotFound)) throw error;
		if (!(await confirm(`Claude Code was not found. Install it now (${COMMAND.join(" ")})?`))) throw error;
		const code = await run(COMMAND);
		if (code !== 0) throw failed(code);
		tell("\n");
		return find();
	}
}

async function runOnTerminal([program = "", ...words]: readonly string[]): Promise<number | undefined> {
	const { execa } = await import("execa");
	return (await execa(program, words, { stdio: "inherit", reject: false })).exitCode;
}

function failed(code: number | undefined): UserError {
	return new UserError(
		code === undefined ? "npm could not be started" : `npm ended with exit code ${code}: Claude Code is not installed`,
		{ hint: "see https://code.claude.com/docs/en/setup for other ways to install it" },
	);
}
