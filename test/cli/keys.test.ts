import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { askHidden } from "../../src/cli/ui/prompt.ts";
import { type FakeKeychain, installKeychain } from "../support/fake-keychain.ts";
import { startFaultServer } from "../support/fault-server.ts";
import { CC_ANY, Sandbox } from "../support/processes.ts";
import { Terminal } from "../support/terminal.ts";

const KEY = "sk-stored-key-that-must-not-be-shown";
let sandbox: Sandbox;
let file: string;

beforeEach(() => {
	sandbox = new Sandbox();
	file = sandbox.path("home/.config/cc-any/keys.json");
});
afterEach(() => sandbox.close());

async function ccAny(words: readonly string[], input = "", more: Record<string, string> = {}) {
	const run = sandbox.ccAny(words, sandbox.environment({}, more), input);
	const code = await run.ended;
	expect(run.stdout + run.stderr).not.toContain(KEY);
	return { code, stdout: run.stdout, stderr: run.stderr };
}

test("set by profile name: a private file, nothing shown; then a run uses it, and claude does not see it", async () => {
	const profile = sandbox.profile("http://127.0.0.1:9/v1");
	const without = await ccAny(["--profile", profile, "-p", "hi"]);
	expect(without).toMatchObject({ code: 78, stderr: expect.stringContaining("cc-any keys set SAMPLE_API_KEY") });
	expect(await ccAny(["keys", "set", profile], `${KEY}\n`)).toMatchObject({ code: 0, stdout: "" });
	expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ SAMPLE_API_KEY: KEY });
	expect([statSync(file).mode & 0o777, statSync(dirname(file)).mode & 0o777]).toEqual([0o600, 0o700]);

	expect((await ccAny(["--profile", profile, "-p", "hi"])).code).toBe(0);
	const { environment, arguments: words, settings } = await sandbox.seen();
	expect(JSON.stringify([environment, words, settings])).not.toContain(KEY);
	expect((await ccAny(["--profile", profile, "--dry-run"])).stdout).toContain("key: stored key SAMPLE_API_KEY");
	expect((await ccAny(["profiles", "show", profile])).stdout).toMatch(/set, stored key SAMPLE_API_KEY/);
});

test("the key travels to the provider; a variable wins over it", async () => {
	const server = await startFaultServer([{ status: 200, body: '{"data":[{"id":"sample-large"}]}' }]);
	const profile = sandbox.profile(`${server.url}/v1`);
	await ccAny(["keys", "set", "SAMPLE_API_KEY"], KEY);
	expect((await ccAny(["keys", "test", profile])).code).toBe(0);
	expect((await ccAny(["keys", "test", profile], "", { SAMPLE_API_KEY: "sk-other" })).code).toBe(0);
	expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${KEY}`, "Bearer sk-other"]);
	await server.close();
});

describe("test with several keys", () => {
	const keys = { KEY_A: "key-a-0123456789", KEY_B: "key-b-0123456789", KEY_C: "key-c-0123456789" };
	const statusOf: Record<string, number> = { [keys.KEY_A]: 401, [keys.KEY_B]: 402, [keys.KEY_C]: 200 };
	const testKeys = async (names: readonly string[], set: Record<string, string>) => {
		const server = await startFaultServer(({ headers }) => ({
			status: statusOf[String(headers.authorization).slice("Bearer ".length)] ?? 500,
			body: '{"data":[{"id":"sample-large"}]}',
		}));
		const profile = sandbox.profile(`${server.url}/v1`, { key: undefined, keys: names.map((name) => `env:${name}`) });
		const ran = await ccAny(["keys", "test", profile], "", set);
		await server.close();
		return ran;
	};

	test("each is tried, and one that works is enough", async () => {
		const { code, stdout } = await testKeys(Object.keys(keys), keys);
		expect(code).toBe(0);
		expect(stdout).toMatch(/warning +key KEY_A +1 of 3: refused \(HTTP 401\)/);
		expect(stdout).toMatch(/warning +key KEY_B +2 of 3: without money \(HTTP 402\)/);
		expect(stdout).toMatch(/ok +key KEY_C +3 of 3: accepted/);
	});

	test("where none works, the test fails, also when the first has no money", async () => {
		const { code, stdout } = await testKeys(["KEY_B", "KEY_A"], keys);
		expect(code).toBe(1);
		expect(stdout).toMatch(/failed +key KEY_B +1 of 2: without money/);
		expect(stdout).toMatch(/failed +endpoint +\S+ answers, and none of the 2 keys works/);
		expect(stdout).not.toContain("the other keys");
	});

	test("one that is not set is named; a single key without money fails", async () => {
		const { code, stdout, stderr } = await testKeys(["KEY_A", "KEY_B"], { KEY_B: keys.KEY_B });
		expect(stderr).toContain("KEY_A is not set; the key is left out");
		expect(code).toBe(1);
		expect(stdout).toContain("the key is without money (HTTP 402)");
	});
});

test("test says when a key is refused", async () => {
	const server = await startFaultServer([{ status: 401, body: "{}" }]);
	const words = ["keys", "test", sandbox.profile(`${server.url}/v1`)];
	const refused = await ccAny(words, "", { SAMPLE_API_KEY: "sk-wrong" });
	expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining("refuses the key (HTTP 401)") });
	await server.close();
});

test("list: names, sources and profiles, set and stored alike; remove", async () => {
	await ccAny(["keys", "set", "deepseek"], KEY);
	await ccAny(["keys", "set", "UNKNOWN_KEY"], KEY);
	const list = async (more: Record<string, string> = {}) =>
		JSON.parse((await ccAny(["keys", "list", "--json"], "", more)).stdout);
	expect(await list()).toEqual([
		{ name: "DEEPSEEK_API_KEY", sources: ["file"], profiles: ["deepseek"] },
		{ name: "UNKNOWN_KEY", sources: ["file"], profiles: [] },
	]);
	expect((await list({ DEEPSEEK_API_KEY: "sk-x" }))[0].sources).toEqual(["variable", "file"]);
	expect((await ccAny(["keys"])).stdout).toMatch(/^NAME +FROM +PROFILES\nDEEPSEEK_API_KEY +file +deepseek\n/);
	expect((await ccAny(["keys", "remove", "deepseek"])).code).toBe(0);
	expect((await ccAny(["keys", "remove", "deepseek"])).code).toBe(78);
	expect((await ccAny(["keys", "remove", "UNKNOWN_KEY"])).code).toBe(0);
	expect([existsSync(file), await list()]).toEqual([false, []]);
});

describe("with a keychain", () => {
	// A fake replaces the system's program; test/profile/keychain.test.ts uses the real one.
	const BUS = { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere" };
	let fake: FakeKeychain;
	beforeEach(() => {
		fake = installKeychain("secret-tool", sandbox.path("bin"));
	});

	test.skipIf(process.platform !== "linux")("set, list, run and remove go through it", async () => {
		const profile = sandbox.profile("http://127.0.0.1:9/v1");
		const set = await ccAny(["keys", "set", profile], `${KEY}\n`, BUS);
		expect(set.stderr).toBe("stored SAMPLE_API_KEY in the system's keyring (secret-tool)\n");
		expect([fake.entry("SAMPLE_API_KEY"), readFileSync(file, "utf8").includes(KEY)]).toEqual([KEY, false]);
		await ccAny(["keys", "set", "deepseek"], KEY, BUS);
		const { stdout } = await ccAny(["keys", "list", "--json"], "", BUS);
		expect(JSON.parse(stdout)[0]).toEqual({ name: "DEEPSEEK_API_KEY", sources: ["keychain"], profiles: ["deepseek"] });
		expect((await ccAny(["profiles"], "", BUS)).stdout).toMatch(/deepseek +in the keychain/);
		expect((await ccAny(["profiles", "show", profile], "", BUS)).stdout).toContain(
			"in the keychain, keychain entry SAMPLE_API_KEY",
		);

		const before = fake.calls().length;
		expect((await ccAny(["--profile", profile, "-p", "hi"], "", BUS)).code).toBe(0);
		const { environment, arguments: words, settings } = await sandbox.seen();
		expect(JSON.stringify([environment, words, settings])).not.toContain(KEY);
		// One look-up, for the one key of the run; none where a variable has it.
		expect(fake.calls().slice(before)).toEqual(["lookup service cc-any account SAMPLE_API_KEY"]);
		await ccAny(["--profile", profile, "-p", "hi"], "", { ...BUS, SAMPLE_API_KEY: "sk-x" });
		expect(fake.calls().length).toBe(before + 1);

		expect((await ccAny(["keys", "remove", "SAMPLE_API_KEY"], "", BUS)).code).toBe(0);
		expect([fake.entry("SAMPLE_API_KEY"), fake.entry("DEEPSEEK_API_KEY")]).toEqual([undefined, KEY]);
	});

	test.skipIf(process.platform !== "linux")(
		"one that is locked, or not there, is reported with the next step",
		async () => {
			const profile = sandbox.profile("http://127.0.0.1:9/v1");
			await ccAny(["keys", "set", profile], KEY, BUS);
			fake.break("exit 1");
			for (const more of [BUS, undefined]) {
				const run = await ccAny(["--profile", profile, "-p", "hi"], "", more);
				expect(run.code).toBe(78);
				expect(run.stderr).toContain("the system's keyring (secret-tool) did not return the key for SAMPLE_API_KEY");
				expect(run.stderr).toContain("cc-any keys set SAMPLE_API_KEY");
			}
		},
	);

	test("--file keeps out of it", async () => {
		expect((await ccAny(["keys", "set", "deepseek", "--file"], KEY, BUS)).stderr).toContain("as you asked");
		expect([fake.calls(), JSON.parse(readFileSync(file, "utf8"))]).toEqual([[], { DEEPSEEK_API_KEY: KEY }]);
	});
});

describe("refused", () => {
	test.each([
		["an empty key", ["keys", "set", "deepseek"], "", 2, "it is empty"],
		["two lines", ["keys", "set", "deepseek"], "a\nb", 2, "line breaks"],
		["a profile without a key", ["keys", "set", "demo"], "x", 78, "reads no key from a variable"],
		["a misspelt profile", ["keys", "set", "deepsek"], "x", 78, "did you mean deepseek?"],
	])("%s", async (_about, words, input, code, text) => {
		const run = await ccAny(words, input);
		expect(run.code).toBe(code);
		expect(run.stderr).toContain(text);
		expect(existsSync(file)).toBe(false);
	});

	test.each([
		["a file that others can read", 0o644, `{"DEEPSEEK_API_KEY":"${KEY}"}`, "chmod 600"],
		["a damaged file, which is not quoted", 0o600, `{"DEEPSEEK_API_KEY":"${KEY}`, "is damaged"],
	])("%s", async (_about, mode, text, problem) => {
		mkdirSync(dirname(file), { recursive: true });
		writeFileSync(file, text);
		chmodSync(file, mode);
		const run = await ccAny(["--profile", "deepseek", "-p", "hi"]);
		expect([run.code, run.stderr.includes(problem)]).toEqual([78, true]);
		// The variable needs no file.
		expect((await ccAny(["--profile", "deepseek", "-p", "hi"], "", { DEEPSEEK_API_KEY: "sk-x" })).code).toBe(0);
	});
});

test("NO_COLOR works on a terminal", async () => {
	const show = async (more: Record<string, string>) => {
		const environment = { ...sandbox.environment({}), DEEPSEEK_API_KEY: "sk-x", ...more };
		const screen = new Terminal(process.execPath, [CC_ANY, "keys"], sandbox.path("work"), environment);
		await screen.ended;
		return screen.raw;
	};
	expect(await show({ NO_COLOR: "" })).toContain("\x1b[1mNAME");
	expect(await show({ NO_COLOR: "1" })).not.toContain("\x1b[");
});

test("a key file that is a link to another is written there, and its last key is gone from there", async () => {
	const linked = sandbox.path("home/linked.json");
	mkdirSync(dirname(file), { recursive: true });
	writeFileSync(linked, "{}", { mode: 0o600 });
	symlinkSync(linked, file);
	expect((await ccAny(["keys", "set", "deepseek"], `${KEY}\n`)).code).toBe(0);
	expect(JSON.parse(readFileSync(linked, "utf8"))).toEqual({ DEEPSEEK_API_KEY: KEY });
	expect((await ccAny(["keys", "remove", "deepseek"])).code).toBe(0);
	expect([existsSync(linked), existsSync(file)]).toEqual([false, false]);
});

test("nothing is echoed once a key is asked for", async () => {
	const calls: unknown[] = [];
	const stdin = Object.assign(new PassThrough(), { setRawMode: (isRaw: boolean) => calls.push(isRaw) });
	vi.spyOn(process, "stdin", "get").mockReturnValue(stdin as never);
	vi.spyOn(process.stderr, "write").mockImplementation((text) => calls.push(text) > 0);
	stdin.write("sk-x\r");
	const answer = await askHidden("key:").finally(() => vi.restoreAllMocks());
	expect([answer, calls]).toEqual(["sk-x", [true, "key: ", "4 characters received", false, "\n"]]);
});

test("in a terminal the prompt shows nothing of the key, and Ctrl-C changes nothing", async () => {
	const open = () =>
		new Terminal(process.execPath, [CC_ANY, "keys", "set", "deepseek"], sandbox.path("work"), sandbox.environment({}));
	const screen = open();
	await screen.shows("key for DEEPSEEK_API_KEY (not shown):");
	screen.write(`${KEY}x\x7f\r`);
	expect((await screen.ended).exitCode).toBe(0);
	expect(screen.text).not.toContain("sk-");
	expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ DEEPSEEK_API_KEY: KEY });
	const second = open();
	await second.shows("(not shown):");
	second.write("sk-other\x03");
	expect((await second.ended).exitCode).toBe(1);
	expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ DEEPSEEK_API_KEY: KEY });
});
