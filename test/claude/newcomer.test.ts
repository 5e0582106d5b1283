import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, expect, onTestFailed, test } from "vitest";
import { CC_ANY, Sandbox } from "../support/processes.ts";
import { CLAUDES, cleanEnvironment, KEY, markOnboarded, rounds } from "../support/real-claude.ts";
import { type ChatRequest, ScriptedProvider } from "../support/scripted-provider.ts";
import { Terminal } from "../support/terminal.ts";

const [, claude] = CLAUDES[1];

let sandbox: Sandbox;
let provider: ScriptedProvider;
let terminal: Terminal | undefined;

afterEach(async () => {
	terminal?.kill();
	sandbox.close();
	await provider.close();
});

/** Answers the request of `doctor` and of the guided setup with the tool call that it asks for. */
function answer(request: ChatRequest, number: number) {
	const isTest = request.tools?.length === 1;
	if (isTest) return { toolCalls: [{ name: "Read", arguments: { file_path: "/tmp/example.txt" } }] };
	return rounds({ text: "This is the first answer." })(request, number);
}

test("from a key to the first reply: three answers, six keystrokes and a paste, as docs/getting-started.md says", async () => {
	sandbox = new Sandbox();
	markOnboarded(sandbox);
	provider = await ScriptedProvider.start(answer, KEY);
	// In place of a built-in provider, which cannot be reached here.
	const endpoints = { "openai-chat": { baseUrl: provider.baseUrl } };
	const profile = { title: "House of Models", key: "env:HOUSE_API_KEY", endpoints, model: "house-large" };
	mkdirSync(sandbox.path("home/.config/cc-any/profiles"), { recursive: true });
	writeFileSync(sandbox.path("home/.config/cc-any/profiles/house.yaml"), JSON.stringify(profile));

	const { SAMPLE_API_KEY: _none, ...environment } = cleanEnvironment(sandbox, { TERM: "xterm-256color" });
	const screen = new Terminal("bash", ["--norc"], sandbox.path("work"), { ...environment, PS1: "ready>" });
	terminal = screen;
	onTestFailed(() => console.log(screen.text.slice(-1500)));
	await screen.shows("ready>");
	screen.write(`cc-any() { '${process.execPath}' '${CC_ANY}' --claude '${claude}' "$@"; }; echo loaded-$((40 + 2))\r`);
	await screen.shows("loaded-42");

	let keystrokes = 0;
	let answers = 0;
	/** What a person types, and Enter. A paste is counted by itself. */
	const type = async (text: string, { pasted = false, shown = "" } = {}) => {
		screen.write(text);
		if (shown !== "") await screen.shows(shown);
		screen.write("\r");
		keystrokes += (pasted ? 0 : text.length) + 1;
		answers++;
	};
	screen.write("cc-any\r");
	await screen.shows("provider (type a part of its name):");
	await type("hou", { shown: "Search: hou" });
	await screen.shows("key for House of Models (not shown):");
	await type(KEY, { pasted: true });
	await screen.shows(`${KEY.length} characters received`);
	await screen.shows("use these models, test the first, and make house the default?");
	await type("");
	await screen.shows("streamed and complete");
	await screen.shows("❯");
	expect([answers, keystrokes]).toEqual([3, 6]);
	screen.write("hello");
	await screen.shows("hello");
	screen.write("\r");
	await screen.shows("This is the first answer.");
	expect(screen.text).not.toContain(KEY);
	await screen.press("\x03", () => /thiscommanddoes:cc-any.*--resume[0-9a-f-]{36}/.test(screen.text));
	// Claude Code's own resume line names a deleted settings file; the line of cc-any works.
	const [, session] = /thiscommanddoes:cc-any.*--resume([0-9a-f-]{36})/.exec(screen.text) ?? [];
	screen.write(`cc-any --resume ${session}\r`);
	await screen.shows("This is the first answer.", 2);
	await screen.press("\x03", () => screen.text.endsWith("ready>"));

	const page = readFileSync(new URL("../../docs/getting-started.md", import.meta.url), "utf8").replace(/\s+/g, " ");
	expect(page).toContain("three answers: six keystrokes and a paste");
}, 40_000);
