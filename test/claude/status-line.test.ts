import { mkdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, onTestFailed, test } from "vitest";
import { CC_ANY, Sandbox } from "../support/processes.ts";
import { CLAUDES, cleanEnvironment, KEY, markOnboarded, rounds } from "../support/real-claude.ts";
import { ScriptedProvider } from "../support/scripted-provider.ts";
import { Terminal } from "../support/terminal.ts";

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

test.each(CLAUDES)(
	"Claude Code %s shows the status line, below the user's own, and it follows the session",
	async (_version, claude) => {
		const usage = { prompt_tokens: 40_000, completion_tokens: 1000, prompt_tokens_details: { cached_tokens: 30_000 } };
		provider = await ScriptedProvider.start(rounds({ text: "The answer.", usage }), KEY);
		const own = { type: "command", command: "echo QZXQZ" };
		mkdirSync(sandbox.path("home/.claude"));
		writeFileSync(sandbox.path("home/.claude/settings.json"), JSON.stringify({ statusLine: own }));
		const price = { input: 10, cacheRead: 1, output: 10 };
		const models = { "sample-large": { contextWindow: 262_144, maxOutput: 32_768, price } };
		const words = [
			CC_ANY,
			"--profile",
			sandbox.profile(provider.baseUrl, { models }),
			"--claude",
			claude,
			"--statusline",
		];
		const screen = new Terminal(
			process.execPath,
			words,
			sandbox.path("work"),
			cleanEnvironment(sandbox, { TERM: "xterm-256color" }),
		);
		terminal = screen;
		onTestFailed(() => console.log(screen.text.slice(-2000)));
		await screen.shows("QZXQZ");
		await screen.shows("sample/sample-large · window 262k");
		screen.write("what is it?");
		await screen.shows("what is it?");
		screen.write("\r");
		await screen.shows("The answer.");
		// 10k at $10, 30k at $1 and 1k at $10 per million tokens. The terminal redraws only what changes.
		await screen.shows("(16 %) · $0.14");
		expect(screen.text).toMatch(/7[45]%cached/);
		await screen.press("\x03", () => screen.hasEnded);
	},
	40_000,
);
