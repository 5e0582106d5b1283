import { afterEach, expect, onTestFailed, test } from "vitest";
import { CC_ANY, Sandbox } from "../support/processes.ts";
import { CLAUDES, cleanEnvironment, KEY, markOnboarded, rounds } from "../support/real-claude.ts";
import { ScriptedProvider } from "../support/scripted-provider.ts";
import { Terminal } from "../support/terminal.ts";

let sandbox: Sandbox;
let provider: ScriptedProvider;
let terminal: Terminal | undefined;

afterEach(async () => {
	terminal?.kill();
	sandbox.close();
	await provider.close();
});

test.each(CLAUDES)(
	"Claude Code %s with a window of 64k: no warning, the true window, each model once",
	async (version, claude) => {
		sandbox = new Sandbox();
		markOnboarded(sandbox);
		provider = await ScriptedProvider.start(rounds({ text: "The answer." }), KEY);
		const words = [CC_ANY, "--profile", sandbox.profile(provider.baseUrl), "--context", "65536", "--claude", claude];
		const environment = cleanEnvironment(sandbox, { TERM: "xterm-256color" });
		const screen = new Terminal(process.execPath, words, sandbox.path("work"), environment);
		terminal = screen;
		onTestFailed(() => console.log(screen.text.slice(-3000)));
		await screen.shows("❯");
		screen.write("/context");
		await screen.shows("/context");
		screen.write("\r");
		await screen.shows("/65.5k");
		expect(screen.text).not.toMatch(/COMPACT_WINDOW|100k|1m/);
		screen.write("/model");
		await screen.shows("/model");
		screen.write("\r");
		await screen.shows("currentlysample-large)");
		expect(screen.text).not.toContain("[1m]");
		screen.write("\x1b");
		await screen.press("\x03", () => screen.hasEnded);
		// Older versions ignore the setting that gives each model one row.
		if (version === "2.1.332") expect(screen.text).not.toContain("CustomOpus");
	},
	40_000,
);
