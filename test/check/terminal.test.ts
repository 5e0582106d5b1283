import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HonestModel } from "../support/honest-model.ts";
import { CC_ANY, Sandbox } from "../support/processes.ts";
import { ScriptedProvider } from "../support/scripted-provider.ts";
import { Terminal } from "../support/terminal.ts";

const KEY = "sk-sample-key-that-must-not-travel";
let sandbox: Sandbox;
let provider: ScriptedProvider;
let terminal: Terminal;

beforeEach(async () => {
	sandbox = new Sandbox();
	const model = new HonestModel();
	// The third request after the greeting hangs: there an interrupt finds the check at work.
	provider = await ScriptedProvider.start((request, number) => {
		return number === 4 ? { text: "one moment", hang: true } : model.reply(request);
	}, KEY);
});
afterEach(async () => {
	terminal.kill();
	await provider.close();
	sandbox.close();
});

function open(price: Record<string, number>, ...words: string[]): void {
	const models = { "sample-large": { contextWindow: 262_144, maxOutput: 32_768, price } };
	const profile = sandbox.profile(provider.baseUrl, { models });
	const environment = sandbox.environment({}, { SAMPLE_API_KEY: KEY });
	terminal = new Terminal(process.execPath, [CC_ANY, "check", profile, ...words], sandbox.path("work"), environment);
}

test("a check that may cost more than a dollar asks for consent; without it nothing is sent", async () => {
	open({ input: 100, output: 100, cacheRead: 10 }, "--runs", "3");
	await terminal.shows("Continue? [y/N]");
	expect(terminal.text).toMatch(/sample:about\d+requests,\d+ktokensin,\d+kout,\$\d+\.\d\d,\d+min\d+sContinue\?/);
	terminal.write("n\r");
	expect((await terminal.ended).exitCode).toBe(1);
	expect(terminal.text).toContain("error:nothingwassent");
	expect(provider.requests).toEqual([]);
});

test("Ctrl-C ends it with a report of what it has; the trial that it cut off is no failure", async () => {
	open({ input: 1, output: 1, cacheRead: 1 }, "--runs", "1", "--turns", "10", "--yes");
	while (provider.requests.length < 4) await delay(20);
	terminal.write("\u0003");
	expect((await terminal.ended).exitCode).toBe(0);
	expect(terminal.text).toContain("stoppedearly:interrupted");
	expect(terminal.text).toContain("gradeA");
	const folder = sandbox.path("home/.local/state/cc-any/checks");
	const [name = ""] = existsSync(folder) ? readdirSync(folder) : [];
	const report = JSON.parse(readFileSync(`${folder}/${name}`, "utf8"));
	const run = report.score.probes.filter(({ repaired }: { repaired: { runs: number } }) => repaired.runs > 0);
	expect(run).toHaveLength(2);
	expect(report).toMatchObject({ stopped: "interrupted", score: { findings: [] }, loops: [] });
});

test("what was learned is shown as a diff and written when the answer is yes", async () => {
	const stubborn = await ScriptedProvider.start(() => ({ text: "Hello." }), KEY);
	const folder = sandbox.path("home/.config/cc-any");
	mkdirSync(`${folder}/profiles`, { recursive: true });
	const file = sandbox.profile(stubborn.baseUrl, { name: undefined });
	copyFileSync(file, `${folder}/profiles/local.yaml`);
	const words = ["check", "local", "--runs", "3", "--only", "forced-choice"];
	const environment = sandbox.environment({}, { SAMPLE_API_KEY: KEY });
	terminal = new Terminal(process.execPath, [CC_ANY, ...words], sandbox.path("work"), environment);
	await terminal.shows("Write this into your own layer of local? [y/N]");
	expect(terminal.text).toContain('+models.sample-large.quirks.toolChoice:"auto-none"aforcedtoolisnotcalled');
	expect(existsSync(`${folder}/learned`)).toBe(false);
	terminal.write("y\r");
	expect((await terminal.ended).exitCode).toBe(0);
	expect(readFileSync(`${folder}/learned/local.yaml`, "utf8")).toMatch(
		/value: auto-none\n +why: .*\n +source: cc-any check, /,
	);
	await stubborn.close();
});
