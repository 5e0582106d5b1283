import { mkdirSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { splitArgs } from "../../src/profile/keys/key-reference.ts";
import { commandsOf, PAGES, PLACEHOLDER } from "../support/doc-commands.ts";
import { Sandbox } from "../support/processes.ts";

/** Commands that run until they are stopped, or for long, are stopped after this time. */
const PATIENCE = 4000;

/** Mistakes in a line itself, whatever the machine and the network are like. */
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

/** One is a command's name in a sentence, the other is led through a terminal in init.test.ts. */
const NOT_ALONE = new Set(["cc-any check", "cc-any init"]);
const ALL = new Set(PAGES.flatMap(commandsOf));
const LINES = [...ALL].filter((line) => !PLACEHOLDER.test(line) && !NOT_ALONE.has(line));

test("the pages have their commands", () => expect(LINES.length).toBeGreaterThan(50));

// No request leaves this machine: the proxy that would carry it does not listen.
test.each(LINES)("runs: %s", async (line) => {
	const keys = Object.fromEntries(KEYS.map((name) => [`${name}_API_KEY`, "sk-from-a-page-0123456789"]));
	const nowhere = { HTTPS_PROXY: "http://127.0.0.1:9", HTTP_PROXY: "http://127.0.0.1:9" };
	const run = sandbox.ccAny(splitArgs(line).slice(1), sandbox.environment({}, { ...keys, ...nowhere }), "sk-typed\n");
	const code = await Promise.race([run.ended, delay(PATIENCE)]);
	if (code === undefined) run.kill("SIGTERM");
	expect(run.stderr).not.toMatch(WRONG);
	expect(code).not.toBe(2);
	await run.ended;
});
