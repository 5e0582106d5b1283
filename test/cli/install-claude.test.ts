import { expect, test } from "vitest";
import { claudeOrInstalled } from "../../src/cli/commands/run/install-claude.ts";
import { ClaudeNotFound } from "../../src/launch/find-claude.ts";
import { EXIT, UserError } from "../../src/platform/user-error.ts";

const MISSING = new ClaudeNotFound("claude was not found", { exitCode: EXIT.claudeNotFound });

/** A machine without claude, where npm ends with this code. */
function machine(answer: boolean, code: number | undefined) {
	const questions: string[] = [];
	const commands: string[] = [];
	const find = () => {
		if (commands.length === 0 || code !== 0) throw MISSING;
		return "/usr/local/bin/claude";
	};
	const confirm = async (question: string) => {
		questions.push(question);
		return answer;
	};
	const run = async (command: readonly string[]) => {
		commands.push(command.join(" "));
		return code;
	};
	return { questions, commands, found: claudeOrInstalled(find, { confirm, run }) };
}

test("claude is installed if the person agrees to the command that is shown", async () => {
	const { questions, commands, found } = machine(true, 0);
	expect(await found).toBe("/usr/local/bin/claude");
	expect(commands).toEqual(["npm install -g @anthropic-ai/claude-code"]);
	expect(questions).toEqual([expect.stringContaining(commands[0] ?? "")]);
});

test("without agreement, and without a terminal, nothing runs, and the error has its hint", async () => {
	const { commands, found } = machine(false, 0);
	await expect(found).rejects.toBe(MISSING);
	expect(commands).toEqual([]);
});

test.each([
	[243, "npm ended with exit code 243"],
	[undefined, "npm could not be started"],
])("an installation that fails (%s) is an error", async (code, text) => {
	await expect(machine(true, code).found).rejects.toThrow(text);
});

test("a program that is named and not there is not replaced", async () => {
	const none = async () => expect.unreachable();
	const named = () => {
		throw new UserError("--claude names /no/claude");
	};
	await expect(claudeOrInstalled(named, { confirm: none, run: none })).rejects.toThrow("--claude names");
});

test("a claude that is there is not asked about", async () => {
	const none = async () => expect.unreachable();
	expect(await claudeOrInstalled(() => "/bin/claude", { confirm: none, run: none })).toBe("/bin/claude");
});
