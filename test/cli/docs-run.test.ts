import { mkdirSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { splitArgs } from "../../src/profile/keys/key-reference.ts";
import { commandsOf, PAGES, PLACEHOLDER, readPage } from "../support/doc-commands.ts";
import { Sandbox } from "../support/processes.ts";

/** Commands that run until they are stopped, or for long, are stopped after this time. */
const STOP_AFTER_MS = 4000;

/** Mistakes in the command line itself, independent of the machine and the network. */
const WRONG =
	/unknown (?:option|command)|there is no (?:profile|catalogue)|needs a value|too many arguments|unexpectedly/;

const KEYS = ["DEEPSEEK", "MOONSHOT", "MINIMAX", "DASHSCOPE", "ZAI", "NOVAPAI", "OPENROUTER", "LITELLM"];

let sandbox: Sandbox;
beforeAll(() => {
	sandbox = new Sandbox();
	mkdirSync(sandbox.path("home/.config/cc-any/profiles"), { recursive: true });
	writeFileSync(sandbox.path("home/.config/cc-any/config.yaml"), "profile: deepseek\n");
	writeFileSync(sandbox.path("home/.config/cc-any/profiles/work.yaml"), "extends: deepseek\n");
	writeFileSync(sandbox.path("home/.config/cc-any/profiles/litellm.yaml"), "model: any\n");
});
afterAll(() => sandbox.close());

/** Names of commands in sentences, and one that needs a terminal (see init.test.ts). */
const NOT_ALONE = new Set(["cc-any check", "cc-any replay", "cc-any init"]);
const ALL = new Set(PAGES.flatMap(commandsOf));
const LINES = [...ALL].filter((line) => !PLACEHOLDER.test(line) && !NOT_ALONE.has(line));

test("the pages have their commands", () => expect(LINES.length).toBeGreaterThan(50));

// No request leaves this machine: nothing listens at the address of the HTTP proxy.
test.each(LINES)("runs: %s", async (line) => {
	const keys = Object.fromEntries(KEYS.map((name) => [`${name}_API_KEY`, "sk-from-a-page-0123456789"]));
	const nowhere = { HTTPS_PROXY: "http://127.0.0.1:9", HTTP_PROXY: "http://127.0.0.1:9" };
	const run = sandbox.ccAny(splitArgs(line).slice(1), sandbox.environment({}, { ...keys, ...nowhere }), "sk-typed\n");
	const code = await Promise.race([run.ended, delay(STOP_AFTER_MS)]);
	if (code === undefined) run.kill("SIGTERM");
	expect(run.stderr).not.toMatch(WRONG);
	expect(code).not.toBe(2);
	await run.ended;
});

test("the settings for editors and for Claude Code are those of a run", async () => {
	const run = sandbox.ccAny(["--profile", "glm", "--dry-run"], sandbox.environment({}, { ZAI_API_KEY: "sk-any" }));
	await run.ended;
	const page = readPage("docs/ide-and-agent-sdk.md");
	const [, ...blocks] = page.split("```json\n").map((rest) => rest.split("```")[0] ?? "");
	const settings = blocks.flatMap((block) => [
		...block.matchAll(/"(?:name": ")?((?:ANTHROPIC|CLAUDE)_\w+)"(?:, "value")?: "([^"]*)"/g),
	]);
	const values = settings.filter(([, name = ""]) => !/BASE_URL|TOKEN$/.test(name));
	expect(values.length).toBe(2 * 6);
	for (const [, name, value] of values) expect(run.stdout).toContain(`  ${name}=${value}\n`);
});
