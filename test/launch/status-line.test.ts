import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeRunFolder, type RunFolder } from "../../src/launch/run-folder.ts";
import { statusLineSetting } from "../../src/launch/settings.ts";
import { StatusLine } from "../../src/launch/status-line.ts";
import { RULES } from "../../src/trace/explain/rules/index.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { Sandbox } from "../support/processes.ts";
import { sampleProfile } from "../support/sample-profile.ts";
import { sampleRecord } from "../support/sample-session.ts";

describe("the text", () => {
	let folder: RunFolder;
	let file: string;
	beforeEach(() => {
		folder = makeRunFolder();
		file = join(folder.path, "status.txt");
	});
	afterEach(() => folder.remove());

	const text = () => readFileSync(file, "utf8");
	const profile = sampleProfile({
		name: "sample",
		models: { "sample-large": { id: "sample-large", contextWindow: 262_144, vision: true, thinking: "none" } },
	});
	const record = (more: Partial<ExchangeRecord>): ExchangeRecord => ({
		...sampleRecord(2, 0),
		purpose: "main",
		servedModel: "sample-large",
		usage: { input_tokens: 10_000, cache_read_input_tokens: 30_000, output_tokens: 1000 },
		cost: 0.25,
		tokensPerSecond: 61.4,
		divergences: [],
		...more,
	});

	test("before the first reply: model and window; private, nothing half-written beside it", () => {
		new StatusLine(file, profile);
		expect(text()).toBe("sample/sample-large · window 262k\n");
		expect(statSync(file).mode & 0o777).toBe(0o600);
		expect(readdirSync(folder.path)).toEqual(["status.txt"]);
	});

	test("what was served, the true window, cost, cache, pace, repairs and retries", () => {
		const line = new StatusLine(file, profile);
		line.observe(record({}));
		expect(text()).toBe("sample/sample-large · 41k of 262k (16 %) · $0.25 · 75 % cached · 61 tokens/s\n");
		const divergences = ["retry", "leaked-tool-call", "retry"].map((kind) => ({ kind, where: "", seen: "", done: "" }));
		line.observe(record({ divergences }));
		expect(text()).toMatch(/ · \$0\.50 · .* · 1 repair · 2 retries\n$/);
	});

	test("without tokens: no share of cached ones", () => {
		const line = new StatusLine(file, profile);
		line.observe(record({ usage: { output_tokens: 5 } }));
		expect(text()).not.toContain("cached");
	});

	test("what requests wait for, as long as they wait", () => {
		const line = new StatusLine(file, profile);
		line.wait("overloaded");
		expect(text()).toBe("waiting: overloaded · sample/sample-large · window 262k\n");
		line.wait(undefined);
		expect(text()).toBe("sample/sample-large · window 262k\n");
	});

	test("side requests cost, but the context is the conversation's; counts are nothing", () => {
		const line = new StatusLine(file, profile);
		line.observe(record({}));
		line.observe(record({ purpose: "title", servedModel: "small", usage: { input_tokens: 5 } }));
		line.observe(record({ purpose: "count", cost: 9 }));
		expect(text()).toMatch(/^sample\/sample-large · 41k of 262k .* · \$0\.50 · /);
	});

	test("an unknown price, an unknown window and a fallback are shown", () => {
		const line = new StatusLine(file, profile);
		const { cost: _cost, ...unpriced } = record({ profile: "other", servedModel: "elsewhere" });
		line.observe(unpriced);
		expect(text()).toMatch(/^other\/elsewhere \(fallback\) · 41k, window unknown · cost unknown · /);
		line.observe(record({}));
		expect(text()).toContain("$0.25 and more of unknown price");
	});

	test("a failed request has no unknown price, and what is changed in every request is no repair", () => {
		const line = new StatusLine(file, profile);
		line.observe(record({}));
		const { cost: _cost, usage: _usage, ...failed } = record({});
		line.observe(failed);
		const kinds = Object.keys(RULES).filter(
			(kind) => RULES[kind]?.routine && !["routed", "fallback-ended"].includes(kind),
		);
		expect(kinds.length).toBeGreaterThan(3);
		line.observe(record({ divergences: kinds.map((kind) => ({ kind, where: "", seen: "", done: "" })) }));
		expect(text()).toBe("sample/sample-large · 41k of 262k (16 %) · $0.50 · 75 % cached · 61 tokens/s\n");
	});

	test("a model that a rule of `routes` chose is named with the rule", () => {
		const line = new StatusLine(file, profile);
		const routed = (route: "images" | "longContext") => {
			return { kind: "routed", where: "request", seen: "", done: "", data: { route } };
		};
		line.observe(record({ divergences: [routed("images")] }));
		expect(text()).toMatch(/^sample\/sample-large \(for images\) · .*cached · 61 tokens\/s\n$/);
		line.observe(record({ divergences: [routed("longContext")] }));
		expect(text()).toMatch(/^sample\/sample-large \(for long requests\) · /);
	});

	test("a folder that is gone does not end the exchange", () => {
		const line = new StatusLine(file, profile);
		rmSync(folder.path, { recursive: true });
		expect(() => line.observe(record({}))).not.toThrow();
	});

	test.each([
		["alone", undefined, "ours\n"],
		["after the user's own, which reads its input", { command: "cat; echo" }, "INPUT\nours\n"],
		["after one without a line end, and with quotes", { command: `printf 'it"s '"$((1+1))"` }, 'it"s 2\nours\n'],
		["after one with a comment at its end", { command: "echo own # mine" }, "own\nours\n"],
		["a setting that is none", { type: "static" }, "ours\n"],
	])("the command: %s", (_about, own, printed) => {
		const place = join(folder.path, "it's");
		mkdirSync(place);
		writeFileSync(join(place, "status.txt"), "ours\n");
		const { command } = statusLineSetting(join(place, "status.txt"), own);
		expect(execFileSync("sh", ["-c", `${command}\ncat > /dev/null`], { input: "INPUT" }).toString()).toBe(printed);
	});

	test.each(["C:/a b/it's (1) $x & y/[2]", "C:/Users/RUNNER~1/é 日本"])(
		"on Windows without a quote, for Git Bash and PowerShell: %s",
		(name) => {
			const place = join(folder.path, name);
			mkdirSync(place, { recursive: true });
			writeFileSync(join(place, "status.txt"), "ours\n");
			const file = join(place, "status.txt").replaceAll("/", "\\");
			const { command } = statusLineSetting(file, { command: "echo own" }, "win32");
			expect(command).not.toMatch(/["'$&()\\]/);
			expect(execFileSync("bash", ["-c", String(command)]).toString()).toBe("own\nours\n");
		},
	);

	test("what else the user's setting says is kept", () => {
		expect(statusLineSetting("/f", { type: "command", command: "own", padding: 0 })).toMatchObject({ padding: 0 });
	});
});

describe("a run", () => {
	let sandbox: Sandbox;
	beforeEach(() => {
		sandbox = new Sandbox();
	});
	afterEach(() => sandbox.close());

	async function settingsOf(words: readonly string[], more: Record<string, string> = {}) {
		const environment = sandbox.environment({}, { SAMPLE_API_KEY: "sk-sample-key", ...more });
		const run = sandbox.ccAny(["--profile", sandbox.profile("http://127.0.0.1:9/v1"), ...words], environment);
		expect(await run.ended, run.stderr).toBe(0);
		const { settings } = await sandbox.seen();
		return { ...settings, statusLine: JSON.parse(settings?.text ?? "{}").statusLine };
	}
	const own = { type: "command", command: "echo mine" };
	const writeOwn = () => {
		mkdirSync(sandbox.path("home/.claude"), { recursive: true });
		writeFileSync(sandbox.path("home/.claude/settings.json"), JSON.stringify({ statusLine: own }));
	};

	test("only when asked, by flag or variable, and never in print mode", async () => {
		expect((await settingsOf([])).statusLine).toBeUndefined();
		for (const [words, more] of [
			[["--statusline"], {}],
			[[], { CC_ANY_STATUSLINE: "1" }],
		] as const) {
			const { statusLine, path, folderMode } = await settingsOf(words, more);
			expect(statusLine).toEqual({
				type: "command",
				command: `cat '${dirname(path ?? "")}/status.txt'`,
				refreshInterval: 2,
			});
			expect(folderMode).toBe(0o700);
		}
		expect((await settingsOf(["--statusline", "-p", "hi"])).statusLine).toBeUndefined();
		expect(readdirSync(sandbox.path("tmp"))).toEqual([]);
	});

	test("a command of the project's is not passed on: claude asks before it runs it", async () => {
		mkdirSync(sandbox.path("work/.claude"), { recursive: true });
		writeFileSync(sandbox.path("work/.claude/settings.json"), JSON.stringify({ statusLine: own }));
		expect((await settingsOf([], { CC_ANY_STATUSLINE: "1" })).statusLine).toBeUndefined();
		expect((await settingsOf(["--statusline"])).statusLine.command).not.toContain("mine");
	});

	test("a line of the user's own stays: the variable does not change it, the flag adds to it", async () => {
		writeOwn();
		expect((await settingsOf([], { CC_ANY_STATUSLINE: "1" })).statusLine).toBeUndefined();
		expect((await settingsOf(["--statusline"])).statusLine.command).toMatch(/echo mine[\s\S]*cat '.*status\.txt'$/);
		const given = JSON.stringify({
			statusLine: { type: "command", command: "echo given" },
			permissions: { defaultMode: "plan" },
		});
		expect((await settingsOf(["--statusline", "--settings", given])).statusLine.command).toContain("echo given");
	});
});
