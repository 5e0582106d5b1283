import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HonestModel } from "../support/honest-model.ts";
import { Sandbox } from "../support/processes.ts";
import { ScriptedProvider } from "../support/scripted-provider.ts";

const KEY = "sk-sample-key-that-must-not-travel";
let sandbox: Sandbox;
let provider: ScriptedProvider;
let profile: string;

beforeEach(async () => {
	sandbox = new Sandbox();
	const model = new HonestModel();
	provider = await ScriptedProvider.start((request) => {
		const reply = model.reply(request);
		return reply.toolCalls ? { ...reply, toolCalls: reply.toolCalls.slice(0, 1) } : reply;
	}, KEY);
	profile = sandbox.profile(provider.baseUrl);
});
afterEach(async () => {
	await provider.close();
	sandbox.close();
});

const run = (...words: string[]) => runWords("check", ...words);

async function runWords(...words: string[]) {
	const run = sandbox.ccAny(words, sandbox.environment({}, { SAMPLE_API_KEY: KEY }));
	return { code: await run.ended, stdout: run.stdout, stderr: run.stderr };
}

const TWO = ["--runs", "1", "--only", "single-call,parallel-calls"];

test("a table on stdout, nothing on stderr, no key anywhere", async () => {
	const { code, stdout, stderr } = await run(profile, ...TWO);
	expect(stderr).toBe("");
	expect(code).toBe(0);
	expect(stdout).toMatch(/single-call +3 +100 % +100 %/);
	expect(stdout).toMatch(/parallel-calls +2 +0 % +0 % +0–79 +3 calls expected, made: Read/);
	expect(stdout).toContain("grade D  60 % with cc-any, 60 % raw");
	expect(stdout).not.toContain(KEY);
});

test("--json is one array of reports", async () => {
	const { stdout } = await run(profile, ...TWO, "--json");
	const [report] = JSON.parse(stdout);
	expect(report).toMatchObject({ profile: "sample", model: "sample-large", runs: 1, score: { grade: "D" } });
	expect(report.score.findings.map(({ name }: { name: string }) => name)).toEqual(["parallel-calls"]);
	expect(report.expense.requests).toBe(3);
	expect(stdout).not.toContain(KEY);
});

test("--gate decides the exit code by the overall score", async () => {
	expect((await run(profile, ...TWO, "--gate", "0.6")).code).toBe(0);
	const below = await run(profile, ...TWO, "--gate", "0.95");
	expect(below).toMatchObject({ code: 1, stderr: "gate: sample · sample-large has 60 %, below 95 %\n" });
});

test("a probe that is not there, a gate that is none", async () => {
	const unknown = await run(profile, "--only", "singel-call");
	expect(unknown).toMatchObject({ code: 2, stdout: "" });
	expect(unknown.stderr).toContain("there is no probe singel-call");
	expect((await run(profile, "--gate", "95")).code).toBe(2);
	expect(provider.requests).toEqual([]);
});

test("a budget needs a price, a probe something to try: nothing is paid for, no grade invented", async () => {
	const budget = await run(profile, "--budget", "1");
	expect(budget).toMatchObject({ code: 1, stdout: "" });
	expect(budget.stderr).toContain("has no price for sample-large");
	expect(provider.requests).toEqual([]);
	const models = { "sample-large": { vision: false } };
	const blind = await run(sandbox.profile(provider.baseUrl, { models }), "--only", "image");
	expect(blind).toMatchObject({ code: 1, stdout: "" });
	expect(blind.stderr).toContain("no probe was run: image: the model has no vision in its profile");
	expect(existsSync(sandbox.path("home/.local/state/cc-any/checks"))).toBe(false);
});

test("a provider that does not answer is an error, not a list of findings", async () => {
	const closed = sandbox.profile("http://127.0.0.1:9/v1", { name: "closed", patience: { firstToken: 1 } });
	const { code, stdout, stderr } = await run(closed, ...TWO);
	expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
	expect(stderr).toContain("sample-large does not answer");
});

test("two profiles side by side, the page, and what changed since the last check", async () => {
	const other = sandbox.path("other.yaml");
	writeFileSync(other, readFileSync(profile, "utf8").replace('"name":"sample"', '"name":"other"'));
	const both = await run(profile, other, ...TWO, "--html", sandbox.path("check.html"));
	expect(both.stdout).toMatch(/PROBE +sample · sample-large +other · sample-large\n/);
	expect(both.stdout).toMatch(/parallel-calls +0 % +0 %\n/);
	expect(readFileSync(sandbox.path("check.html"), "utf8")).toContain("<svg");
	const again = await run(other, ...TWO, "--since-last", "--markdown");
	expect(again.stdout).toContain("## other · sample-large: grade D");
	expect(again.stdout).toMatch(/other · sample-large, since \d{4}-\d\d-\d\d \d\d:\d\d UTC\noverall +60 % → 60 %\n/);
	// Another choice of probes is no change of the provider.
	const part = await run(other, "--runs", "1", "--only", "single-call", "--since-last");
	expect(part.stdout).toMatch(/overall +100 % → 100 % +compared by the probes that both ran\n/);
	const [json] = JSON.parse((await run(other, ...TWO, "--since-last", "--json")).stdout);
	expect(json.since).toMatchObject({ overall: { before: { repaired: 1 }, after: { repaired: 1 } }, changes: [] });
});

test("--apply writes what was learned, profiles show explains it, --forget removes it", async () => {
	const folder = sandbox.path("home/.config/cc-any/profiles");
	mkdirSync(folder, { recursive: true });
	writeFileSync(`${folder}/local.yaml`, readFileSync(profile, "utf8").replace('"name":"sample",', ""));
	await provider.close();
	provider = await ScriptedProvider.start(() => ({ text: "Hello." }), KEY);
	const yaml = readFileSync(`${folder}/local.yaml`, "utf8").replace(/http:[^"]+/, provider.baseUrl);
	writeFileSync(`${folder}/local.yaml`, yaml);

	const words = ["local", "--runs", "3", "--only", "forced-choice"];
	const first = await run(...words);
	expect(first.stderr).toContain('+ models.sample-large.quirks.toolChoice: "auto-none"');
	expect(first.stderr).toContain("--apply writes this");
	expect(existsSync(sandbox.path("home/.config/cc-any/learned"))).toBe(false);

	expect((await run(...words, "--apply")).stderr).toMatch(/wrote .*learned\/local\.yaml/);
	const show = await runWords("profiles", "show", "local");
	expect(show.stdout).toMatch(/models\.sample-large\.quirks\.toolChoice +auto-none +user .*learned\/local\.yaml:\d/);
	expect(show.stdout).toMatch(/a forced tool is not called\n +cc-any check, \d{4}-\d\d-\d\d/);
	expect(readFileSync(`${folder}/local.yaml`, "utf8")).toBe(yaml);
	// The model's other values are what they were.
	expect(show.stdout).toMatch(/contextWindow +262144/);
	// Known now: not learned again.
	expect((await run(...words, "--apply")).stderr).toBe("");

	expect((await run("local", "--undo")).stderr).toContain("as it was before");
	expect(existsSync(sandbox.path("home/.config/cc-any/learned/local.yaml"))).toBe(false);
	expect(await run("local", "--undo")).toMatchObject({ code: 1, stdout: "" });
	// What the user's own file sets takes precedence, and that is said.
	const own = yaml.replace(/("sample-large":\s*\{)/, '$1"quirks":{"toolChoice":"full"},');
	expect(own).not.toBe(yaml);
	writeFileSync(`${folder}/local.yaml`, own);
	expect((await run(...words)).stderr).toMatch(/not used: user .*local\.yaml:\d+ sets it/);
	writeFileSync(`${folder}/local.yaml`, yaml);
	await run(...words, "--apply");

	expect((await run("local", "--forget")).stderr).toContain("removed");
	expect((await runWords("profiles", "show", "local")).stdout).not.toContain("toolChoice");
	expect(await run("local", "--forget")).toMatchObject({ code: 1, stdout: "" });
});

test("two loops: each in its lines, and whether all were completed", async () => {
	const { stdout } = await run(profile, "--runs", "1", "--only", "single-call", "--turns", "8", "--loops", "2");
	expect(stdout.match(/loop {2}8 of 8 calls, completed/g)).toHaveLength(2);
	expect(stdout).toContain("2 of 2 loops completed, pass^2: yes");
});
