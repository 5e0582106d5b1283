import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CC_ANY, Sandbox } from "../support/processes.ts";
import { screenOf } from "../support/screen.ts";
import { Terminal } from "../support/terminal.ts";

const KEY = "sk-first-key-that-must-not-be-shown";
const PAGE = new URL("../../docs/getting-started.md", import.meta.url);
let sandbox: Sandbox;

beforeEach(() => {
	sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

function open(words: readonly string[], more: Record<string, string> = {}): Terminal {
	return new Terminal(process.execPath, [CC_ANY, ...words], sandbox.path("work"), sandbox.environment({}, more));
}

/** The screen with the machine's paths taken out. */
async function picture(terminal: Terminal): Promise<string> {
	return (await screenOf(terminal.raw)).replaceAll(sandbox.path("home"), "~").replaceAll(sandbox.root, "<sandbox>");
}

/** The capture of a page after a line; UPDATE_CAPTURES=1 writes it. */
function expectCapture(command: string, screen: string): void {
	const page = readFileSync(PAGE, "utf8");
	const capture = new RegExp(`\`\`\`\n\\$ ${command}\n[\\s\\S]*?\`\`\``);
	const wanted = `\`\`\`\n$ ${command}\n${screen}\`\`\``;
	expect(page).toMatch(capture);
	if (process.env["UPDATE_CAPTURES"])
		writeFileSync(
			PAGE,
			page.replace(capture, () => wanted),
		);
	else expect(capture.exec(page)?.[0]).toBe(wanted);
}

// Elsewhere the line on the keychain is another one.
test.skipIf(process.platform !== "linux")("the guided setup, as docs/getting-started.md shows it", async () => {
	const screen = open(["init", "--no-test"]);
	await screen.shows("provider (type a part of its name):");
	screen.write("deeps");
	await screen.shows("(1 match)");
	screen.write("\r");
	await screen.shows("(not shown):");
	screen.write(`${KEY}\r`);
	await screen.shows("use these models and make deepseek the default?");
	screen.write("\r");
	expect((await screen.ended).exitCode).toBe(0);
	const shown = await picture(screen);
	expect(shown).not.toContain("sk-");
	expectCapture("cc-any init --no-test", shown);
});

test("the lists: all providers, narrowed; several with a key", async () => {
	const all = open(["init"], { MISTRAL_API_KEY: "sk-mistral" });
	await all.shows("Type: to search");
	// No whole list here: it grows with each provider.
	expect(await picture(all)).toMatch(
		/Search: _\n│ {2}● mistral +Mistral {2}\(key set\)\n│ {2}○ .*\n(?:.*\n)+│ {2}\.\.\.\n/,
	);
	all.write("openrou");
	// Each letter is drawn by itself.
	while (!(await picture(all)).includes("Search: openrou█ (")) await delay(20);
	expect(await picture(all)).toMatchSnapshot("narrowed by what was typed");
	all.write("\x03");
	await all.ended;
	const several = open([], { MISTRAL_API_KEY: "sk-mistral", XAI_API_KEY: "sk-xai" });
	await several.shows("Type: to search");
	expect(await picture(several)).toMatchSnapshot("a picker where several have a key");
	several.write("\x03");
	expect((await several.ended).exitCode).toBe(1);
});
