import { existsSync, readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, onTestFailed, test } from "vitest";
import { CC_ANY, Sandbox } from "../support/processes.ts";
import { CLAUDES, cleanEnvironment, KEY, markOnboarded, rounds } from "../support/real-claude.ts";
import { ScriptedProvider } from "../support/scripted-provider.ts";
import { Terminal } from "../support/terminal.ts";

const CTRL_C = "\x03";

let sandbox: Sandbox;
let provider: ScriptedProvider;
let terminal: Terminal | undefined;

beforeEach(() => {
	sandbox = new Sandbox();
	markOnboarded(sandbox);
});
afterEach(async () => {
	terminal?.kill();
	sandbox.close();
	await provider.close();
});

function open(claude: string): Terminal {
	const profile = sandbox.profile(provider.baseUrl);
	const words = [CC_ANY, "--profile", profile, "--claude", claude];
	const environment = cleanEnvironment(sandbox, { TERM: "xterm-256color" });
	terminal = new Terminal(process.execPath, words, sandbox.path("work"), environment);
	onTestFailed(() => console.log(terminal?.text.slice(-2000)));
	return terminal;
}

describe.each(CLAUDES)("Claude Code %s", (_version, claude) => {
	test("reaches the prompt, runs a tool after the usual permission prompt, and returns", async () => {
		const command = { command: "touch made-by-claude.txt", description: "Make a file" };
		provider = await ScriptedProvider.start(
			rounds({ toolCalls: [{ name: "Bash", arguments: command }] }, { text: "The file is there." }),
			KEY,
		);
		const screen = open(claude);
		await screen.shows("sample-large");
		await screen.shows("❯");
		screen.write("make a file");
		await screen.shows("make a file");
		screen.write("\r");
		await screen.shows("Do you want to proceed?");
		expect(existsSync(sandbox.path("work/made-by-claude.txt"))).toBe(false);
		await screen.press("\r", () => existsSync(sandbox.path("work/made-by-claude.txt")));
		await screen.shows("The file is there.");
		expect(screen.text).not.toMatch(/auto\s*mode/i);
		await screen.press(CTRL_C, () => screen.hasEnded);
		expect((await screen.ended).exitCode).toBe(0);
		expect(readdirSync(sandbox.path("tmp")).filter((name) => name.startsWith("cc-any"))).toEqual([]);
	}, 40_000);
});
