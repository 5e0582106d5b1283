import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { installKeychain } from "../support/fake-keychain.ts";
import { startFaultServer } from "../support/fault-server.ts";
import { CC_ANY, Sandbox } from "../support/processes.ts";
import { Terminal } from "../support/terminal.ts";

const KEY = "sk-first-key-that-must-not-be-shown";
let sandbox: Sandbox;

beforeEach(() => {
	sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const config = () => readFileSync(sandbox.path("home/.config/cc-any/config.yaml"), "utf8");
const keys = () => JSON.parse(readFileSync(sandbox.path("home/.config/cc-any/keys.json"), "utf8"));

async function ccAny(words: readonly string[], input = "", more: Record<string, string> = {}) {
	const run = sandbox.ccAny(words, sandbox.environment({}, more), input);
	const code = await run.ended;
	expect(run.stdout + run.stderr).not.toContain(KEY);
	return { code, stdout: run.stdout, stderr: run.stderr };
}

describe("by flags, without a terminal", () => {
	test("key, models and default are kept; then cc-any alone works", async () => {
		const words = ["init", "--profile", "deepseek", "--key-stdin", "--haiku", "deepseek-v4-pro", "--default"];
		expect(await ccAny(words, `${KEY}\n`)).toMatchObject({ code: 0, stdout: "cc-any\n" });
		expect(keys()).toEqual({ DEEPSEEK_API_KEY: KEY });
		expect(config()).toBe("profile: deepseek\ntiers:\n  haiku: deepseek-v4-pro\n");
		const plan = await ccAny(["--dry-run"]);
		expect(plan.stdout).toMatch(/haiku +deepseek-v4-pro at/);
		expect((await ccAny(["-p", "hi"])).code).toBe(0);
	});

	test("a keychain takes the key; where it fails, that is said", async () => {
		const fake = installKeychain("secret-tool", sandbox.path("bin"));
		const more = { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere" };
		const words = ["init", "--profile", "deepseek", "--key-stdin"];
		const kept = await ccAny(words, KEY, more);
		expect(kept.stderr).toMatch(/kept in the system's keyring \(secret-tool\)\nopus/);
		expect(fake.entry("DEEPSEEK_API_KEY")).toBe(KEY);
		fake.break("exit 3");
		const failed = await ccAny(words, KEY, more);
		expect(failed.stderr).toMatch(/the key is kept in .*keys\.json.*: secret-tool ended with exit code 3\)\n/);
		expect(keys()).toEqual({ DEEPSEEK_API_KEY: KEY });
	});

	test("other lines and comments of the config stay; models of another profile do not", async () => {
		mkdirSync(sandbox.path("home/.config/cc-any"), { recursive: true });
		const file = sandbox.path("home/.config/cc-any/config.yaml");
		writeFileSync(file, "# mine\nprofile: kimi\ntiers: { opus: kimi-x }\nprofiles:\n  glm: { region: cn } # there\n");
		const { code } = await ccAny(["init", "--profile", "demo", "--default", "--test"]);
		expect(code).toBe(0);
		expect(config()).toBe("# mine\nprofile: demo\nprofiles:\n  glm: { region: cn } # there\n");
	});

	test.each([
		["nothing at all", [], 2, "--profile is missing"],
		["no key", ["--profile", "deepseek"], 2, "there is no key for deepseek"],
		["an empty key", ["--profile", "deepseek", "--key-stdin"], 2, "was not stored: it is empty"],
		["a misspelt provider", ["--profile", "deepsek"], 78, "did you mean deepseek?"],
	])("%s: says what is missing and writes nothing", async (_about, words, code, text) => {
		const run = await ccAny(["init", ...words]);
		expect(run.code).toBe(code);
		expect(run.stderr).toContain(text);
		expect(existsSync(sandbox.path("home/.config"))).toBe(false);
	});

	test("a run without a profile points to it", async () => {
		expect((await ccAny([])).stderr).toContain("cc-any init");
	});
});

test("in a terminal: the provider by a part of its name, misspelt, a hidden key, the models, the default", async () => {
	const environment = sandbox.environment({}, { MISTRAL_API_KEY: "sk-mistral" });
	const screen = new Terminal(process.execPath, [CC_ANY, "init"], sandbox.path("work"), environment);
	await screen.shows("provider (type a part of its name):");
	// A key that is there puts its provider first.
	await screen.shows("● mistral");
	expect(screen.text).toContain("(keyset)");
	screen.write("depse");
	await screen.shows("(1 match)");
	screen.write("\r");
	await screen.shows("(not shown):");
	screen.write(`${KEY}\r`);
	await screen.shows(`(not shown): ${KEY.length} characters received`);
	await screen.shows("use these models, test the first, and make deepseek the default? (y/n) [y]");
	expect(screen.text).toContain("1Mcontext·$1.32in");
	screen.write("n\r");
	await screen.shows("use these models? (y/n) [y]");
	screen.write("n\r");
	// What is typed narrows the list; a name that is not in it can still be given.
	for (const [tier, typed] of [
		["opus", ""],
		["sonnet", "v4-pro"],
		["haiku", "zzz"],
	] as const) {
		await screen.shows(`model for ${tier}:`);
		screen.write(typed);
		if (typed !== "") await screen.shows(`Search: ${typed}`);
		screen.write("\r");
	}
	await screen.shows("name of the model for haiku: [deepseek-flash]");
	screen.write("deepseek-new\r");
	await screen.shows("test it with one small request?");
	screen.write("n\r");
	await screen.shows("make deepseek the default?", 2);
	screen.write("\r");
	await screen.shows("alias cc='cc-any'");
	expect((await screen.ended).exitCode).toBe(0);
	expect(screen.text).not.toContain("sk-first");
	expect(keys()).toEqual({ DEEPSEEK_API_KEY: KEY });
	expect(config()).toBe("profile: deepseek\ntiers:\n  sonnet: deepseek-v4-pro\n  haiku: deepseek-new\n");
});

test("cc-any alone, with nothing configured, leads to a profile and then runs claude on it", async () => {
	const screen = new Terminal(process.execPath, [CC_ANY], sandbox.path("work"), sandbox.environment({}));
	await screen.shows("provider (type a part of its name):");
	screen.write("demo\r");
	await screen.shows("use these models, test the first, and make demo the default?");
	screen.write("\r");
	await screen.shows("streamed and complete");
	expect((await screen.ended).exitCode).toBe(0);
	expect((await sandbox.seen()).environment["ANTHROPIC_MODEL"]).toBe("demo");
	expect(config()).toBe("profile: demo\n");
});

test("a test that fails, as with a wrong key, does not lead into Claude Code unasked", async () => {
	const body = JSON.stringify({ error: { message: "Incorrect API key provided" } });
	const server = await startFaultServer([{ status: 401, body }]);
	const profile = sandbox.profile(`${server.url}/v1`);
	const environment = sandbox.environment({}, { SAMPLE_API_KEY: "sk-wrong" });
	const words = [CC_ANY, "init", "--profile", profile, "--test"];
	const screen = new Terminal(process.execPath, words, sandbox.path("work"), environment);
	await screen.shows("use these models and make");
	screen.write("\r");
	await screen.shows("Incorrect API key provided");
	await screen.shows("continue anyway? (y/n) [n]");
	screen.write("\r");
	expect((await screen.ended).exitCode).toBe(1);
	expect(screen.text).toContain("hint:cc-anydoctorsample");
	// The key is that of a variable, which a stored key would not replace.
	expect(screen.text).not.toContain("pasteanother");
	expect(screen.text).not.toContain("keysset");
	expect(existsSync(sandbox.path("home/.config/cc-any/config.yaml"))).toBe(false);
	await server.close();
});

test("a pasted key is asked for until it can be one, and again when the provider refuses it", async () => {
	const refused = { status: 401, body: JSON.stringify({ error: { message: "Incorrect API key provided" } }) };
	const call = {
		id: "c1",
		type: "function",
		function: { name: "Read", arguments: '{"file_path":"/tmp/example.txt"}' },
	};
	const reply = { choices: [{ message: { role: "assistant", tool_calls: [call] }, finish_reason: "tool_calls" }] };
	const server = await startFaultServer([refused, { status: 200, body: JSON.stringify(reply) }]);
	const profile = sandbox.profile(`${server.url}/v1`);
	const words = [CC_ANY, "init", "--profile", profile, "--test", "--no-default"];
	const screen = new Terminal(process.execPath, words, sandbox.path("work"), sandbox.environment({}));
	await screen.shows("(not shown):");
	screen.write("\r");
	await screen.shows("was not stored: it is empty");
	screen.write("op://vault/item/key\r");
	await screen.shows("is a reference to a secret");
	// An arrow key, a text that is cleared, and a line of a shell file with its line break.
	screen.write("\x1b[D");
	screen.write("sk-old\x15");
	screen.write(`export SAMPLE_API_KEY='${KEY}'\n`);
	await screen.shows("the key came with the name of a variable and quotes");
	await screen.shows("use these models?");
	screen.write("\r");
	await screen.shows("Incorrect API key provided");
	await screen.shows("paste another key?");
	screen.write("\r");
	await screen.shows("(not shown):", 4);
	screen.write(`${KEY}-2\r`);
	await screen.shows("streamed and complete");
	expect((await screen.ended).exitCode).toBe(0);
	expect(screen.text).not.toContain("sk-");
	expect(server.requests.map(({ headers }) => headers["authorization"])).toEqual([`Bearer ${KEY}`, `Bearer ${KEY}-2`]);
	await server.close();
});

test.each([
	["Escape", "\x1b"],
	["Ctrl-C", "\x03"],
])("%s in place of a key leaves no files", async (_name, pressed) => {
	const words = [CC_ANY, "init", "--profile", "deepseek"];
	const screen = new Terminal(process.execPath, words, sandbox.path("work"), sandbox.environment({}));
	await screen.shows("(not shown):");
	screen.write(pressed);
	expect((await screen.ended).exitCode).toBe(1);
	expect(screen.text).toContain("error:interrupted");
	expect(existsSync(sandbox.path("home/.config"))).toBe(false);
});

test("Ctrl-C leaves no files", async () => {
	const screen = new Terminal(process.execPath, [CC_ANY, "init"], sandbox.path("work"), sandbox.environment({}));
	await screen.shows("provider (type a part of its name):");
	screen.write("\x03");
	expect((await screen.ended).exitCode).toBe(1);
	expect(screen.text).toContain("error:interrupted");
	expect(existsSync(sandbox.path("home/.config"))).toBe(false);
});

describe("several profiles with a key, and no default", () => {
	const KEYS = { MISTRAL_API_KEY: "sk-mistral", XAI_API_KEY: "sk-xai" };
	const choices = () => sandbox.path("home/.local/state/cc-any/choices.json");
	const open = (more: Record<string, string>) =>
		new Terminal(process.execPath, [CC_ANY], sandbox.path("work"), sandbox.environment({}, more));

	test("a picker, which has the last choice of this project first; nothing is written into the project", async () => {
		const first = open(KEYS);
		await first.shows("● mistral");
		expect(first.text).toContain("○xai");
		expect(first.text).not.toContain("deepseek");
		first.write("xai");
		await first.shows("● xai");
		first.write("\r");
		expect((await first.ended).exitCode).toBe(0);
		expect((await sandbox.seen()).environment["ANTHROPIC_MODEL"]).toMatch(/^grok/);
		expect(JSON.parse(readFileSync(choices(), "utf8"))).toEqual({ [sandbox.path("work")]: "xai" });
		expect(statSync(choices()).mode & 0o777).toBe(0o600);
		expect(readdirSync(sandbox.path("work"))).toEqual([]);

		const second = open(KEYS);
		await second.shows("● xai");
		second.write("\r");
		expect((await second.ended).exitCode).toBe(0);
		expect((await sandbox.seen()).environment["ANTHROPIC_MODEL"]).toMatch(/^grok/);
	});

	test("a damaged file of choices is ignored; another profile leads to the guided setup", async () => {
		mkdirSync(dirname(choices()), { recursive: true });
		writeFileSync(choices(), "{");
		const screen = open(KEYS);
		await screen.shows("● mistral");
		screen.write("another");
		await screen.shows("● another provider");
		screen.write("\r");
		await screen.shows("provider (type a part of its name):");
		screen.write("\x03");
		expect((await screen.ended).exitCode).toBe(1);
	});

	test("a default is not asked about; without a terminal nothing is, and the error says what to do", async () => {
		expect(await ccAny(["-p", "hi"], "", KEYS)).toMatchObject({
			code: 78,
			stderr: expect.stringContaining("no profile"),
		});
		mkdirSync(sandbox.path("home/.config/cc-any"), { recursive: true });
		writeFileSync(sandbox.path("home/.config/cc-any/config.yaml"), "profile: mistral\n");
		const screen = open(KEYS);
		expect((await screen.ended).exitCode).toBe(0);
		expect(screen.text).not.toContain("whichprofile?");
	});
});
