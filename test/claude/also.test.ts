import { mkdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, onTestFailed, test } from "vitest";
import { CC_ANY, Sandbox } from "../support/processes.ts";
import { CLAUDES, cleanEnvironment, KEY, markOnboarded, print, rounds } from "../support/real-claude.ts";
import { ScriptedProvider } from "../support/scripted-provider.ts";
import { Terminal } from "../support/terminal.ts";

const SECOND_KEY = "sk-second-key-that-must-not-travel";

let sandbox: Sandbox;
let first: ScriptedProvider;
let second: ScriptedProvider;
let terminal: Terminal | undefined;

beforeEach(async () => {
	sandbox = new Sandbox();
	markOnboarded(sandbox);
	// A provider that gets another provider's key records a violation, and `close` throws.
	first = await ScriptedProvider.start(rounds({ text: "Said by the first." }), KEY);
	second = await ScriptedProvider.start(rounds({ text: "Said by the second." }), SECOND_KEY);
	const models = {
		"other-large": { title: "Other Large", contextWindow: 131_072 },
		"other-small": { title: "Other Small" },
	};
	const endpoints = { "openai-chat": { baseUrl: second.baseUrl } };
	const profile = {
		title: "Second House",
		key: "env:SECOND_API_KEY",
		endpoints,
		model: "other-large",
		tiers: { haiku: "other-small" },
		models,
	};
	mkdirSync(sandbox.path("home/.config/cc-any/profiles"), { recursive: true });
	writeFileSync(sandbox.path("home/.config/cc-any/profiles/second.yaml"), JSON.stringify(profile));
});
afterEach(async () => {
	terminal?.kill();
	sandbox.close();
	await first.close();
	await second.close();
});

const profileWithAlso = () => sandbox.profile(first.baseUrl, { also: ["second"] });
const modelsOf = ({ requests }: ScriptedProvider) =>
	requests.filter(({ body }) => body.tools?.length).map(({ body }) => body.model);

describe.each(CLAUDES)("Claude Code %s", (version, claude) => {
	test("/model shows the other profile's models; switching there and back needs no restart", async () => {
		const words = [CC_ANY, "--profile", profileWithAlso(), "--claude", claude, "--statusline"];
		const environment = cleanEnvironment(sandbox, { TERM: "xterm-256color", SECOND_API_KEY: SECOND_KEY });
		const screen = new Terminal(process.execPath, words, sandbox.path("work"), environment);
		terminal = screen;
		onTestFailed(() => console.log(screen.text.slice(-900)));
		const say = async (text: string, answer: string, times = 1) => {
			screen.write(text);
			await screen.shows(text);
			screen.write("\r");
			await screen.shows(answer, times);
		};
		// Claude Code asks for confirmation, because the conversation is in the old model's cache.
		const switchTo = async (model: string, times: number) => {
			await say(`/model ${model}`, "Switch model?", times);
			await screen.press("\r", () => screen.text.split("Setmodelto").length > times);
		};
		await screen.shows("❯");
		await say("one", "Said by the first.");
		screen.write("/model");
		await screen.shows("/model");
		screen.write("\r");
		await screen.shows("Other Large");
		await screen.shows("Second House · 131k");
		// The older version allows only one more row.
		if (version !== "2.1.197") await screen.shows("Other Small");
		await screen.press("\x1b", () => screen.text.includes("Keptmodelas"));
		await switchTo("second/other-large", 1);
		await say("two", "Said by the second.");
		// The terminal redraws only what changes.
		await screen.shows("other-large · ");
		await switchTo("sample-large", 2);
		await say("three", "Said by the first.", 2);
		expect([modelsOf(first), modelsOf(second)]).toEqual([["sample-large", "sample-large"], ["other-large"]]);
		await screen.press("\x03", () => screen.hasEnded);
	}, 25_000);

	test("--model PROFILE/MODEL starts there", async () => {
		const environment = cleanEnvironment(sandbox, { SECOND_API_KEY: SECOND_KEY });
		const words = ["--profile", profileWithAlso(), "--claude", claude, "-p", "go", "--model", "second/other-large"];
		const run = sandbox.ccAny(words, environment, "");
		expect([await run.ended, run.stdout]).toEqual([0, "Said by the second.\n"]);
		expect([modelsOf(first), modelsOf(second)]).toEqual([[], ["other-large"]]);
	});
});

test("a profile without a key is reported before the start", async () => {
	const run = print(sandbox, CLAUDES[1][1], profileWithAlso(), ["go"]);
	expect(await run.ended).toBe(78);
	expect(run.stderr).toContain("profile sample: also second: profile second: key needs the variable SECOND_API_KEY");
});
