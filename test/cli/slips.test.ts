import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { homeFolder } from "../../src/platform/paths.ts";
import { CC_ANY, Sandbox } from "../support/processes.ts";

let sandbox: Sandbox;

beforeEach(() => {
	sandbox = new Sandbox();
	mkdirSync(sandbox.path("home/.config/cc-any"), { recursive: true });
	writeFileSync(sandbox.path("home/.config/cc-any/config.yaml"), "profile: demo\n");
});
afterEach(() => sandbox.close());

async function outcome(...args: string[]) {
	const run = sandbox.ccAny(args, sandbox.environment({ stdout: "claude ran" }));
	return { code: await run.ended, out: run.stdout, error: run.stderr };
}

describe("words that look like a slip", () => {
	test.each([
		["profile", "cc-any profiles"],
		["modles kimi", "cc-any models kimi"],
		["key list", "cc-any keys list"],
		["tracee show last", "cc-any trace show last"],
		["version", "cc-any --version"],
		["deepseek", "cc-any --profile deepseek"],
		["deepsek", "cc-any --profile deepseek"],
		["docter", "cc-any doctor"],
		["hlp", "cc-any help"],
		["login", "cc-any keys set PROFILE"],
		["login deepseek", "cc-any keys set deepseek"],
		["logout", "cc-any keys remove PROFILE"],
		["stats", "cc-any usage"],
		["status", "cc-any doctor"],
	])("starts no session: %s", async (words, meant) => {
		const { code, out, error } = await outcome(...words.split(" "));
		expect([code, out]).toEqual([2, ""]);
		expect(error).toContain(`"${words}" is not a command of cc-any, so it would become a prompt`);
		expect(error).toContain(`did you mean \`${meant}\`?`);
	});

	test.each([
		["fix"],
		["mcp"],
		["mcp", "list"],
		["import", "codex"],
		["update"],
		["refactor"],
		["stats", "are", "wrong"],
		["-p", "deepseek"],
		["explain deepseek"],
		["--quiet", "deepseek"],
	])("is passed on where it is none: %s %s", async (...args) => {
		expect(await outcome(...args)).toMatchObject({ code: 0, out: "claude ran" });
	});
});

test("help prints the help of all, or of one command; an unknown one is an error", async () => {
	expect((await outcome("help")).out).toContain("Commands (cc-any COMMAND --help)");
	expect((await outcome("help", "doctor")).out).toContain("Usage: cc-any doctor");
	expect(await outcome("help", "docter")).toMatchObject({
		code: 2,
		error: expect.stringContaining("did you mean doctor?"),
	});
});

test("profiles list is profiles", async () => {
	const [plain, listed] = [await outcome("profiles", "--json"), await outcome("profiles", "list", "--json")];
	expect(listed).toEqual(plain);
	expect(JSON.parse(listed.out).length).toBeGreaterThan(5);
});

test("a dry run needs no key", async () => {
	const { code, out } = await outcome("--profile", "deepseek", "--dry-run");
	expect(code).toBe(0);
	expect(out).toContain("key: none");
	expect((await outcome("--profile", "deepseek")).code).toBe(78);
});

test.skipIf(process.getuid?.() === 0)("a file that may not be read is no defect of cc-any", async () => {
	chmodSync(sandbox.path("home/.config/cc-any/config.yaml"), 0);
	const { code, error } = await outcome("profiles");
	expect(code).not.toBe(0);
	expect(error).not.toContain("    at ");
});

test("an error of the system has a hint, and no stack trace", async () => {
	const environment = { ...sandbox.environment({}), XDG_CONFIG_HOME: sandbox.path("report.json/x") };
	writeFileSync(sandbox.path("report.json"), "");
	const run = sandbox.ccAny(["keys", "set", "SAMPLE_API_KEY", "--file"], environment, "sk-x");
	expect(await run.ended).not.toBe(0);
	expect(run.stderr).not.toContain("    at ");
	expect(run.stderr).toContain("hint:");
});

describe("what goes wrong around a command", () => {
	const shell = async (script: string, more: Record<string, string> = {}) => {
		const words = `"${process.execPath}" "${CC_ANY}"`;
		const run = sandbox.start("bash", ["-c", script.replaceAll("cc-any", words)], sandbox.environment({}, more));
		const code = await run.ended;
		expect(run.stderr).not.toMatch(/^\s+at /m);
		return { code, out: run.stdout, error: run.stderr };
	};

	test("an empty HOME writes nothing into the project", async () => {
		await shell("echo sk-0123456789 | cc-any keys set SAMPLE_API_KEY --file", {
			HOME: "",
			XDG_CONFIG_HOME: sandbox.path("x"),
		});
		await shell("cc-any profiles", { HOME: "" });
		expect(readdirSync(sandbox.path("work"))).toEqual([]);
		expect(homeFolder({ HOME: "" })).toMatch(/^\//);
	});

	test("a reader that has seen enough", async () => {
		for (const words of ["profiles", "doctor demo --offline", "models openrouter"]) {
			expect((await shell(`cc-any ${words} | true`)).error).not.toContain("EPIPE");
		}
	});

	// Linux has the device.
	test.runIf(existsSync("/dev/full"))("a full disk", async () => {
		expect((await shell("cc-any profiles > /dev/full")).error).toContain("error: the output cannot be written: ENOSPC");
	});

	test("a key on the command line is neither stored nor shown", async () => {
		const { code, error } = await outcome("keys", "set", "kimi", "sk-0123456789");
		expect(code).toBe(2);
		expect(error).toContain("a key does not belong on the command line");
		expect(error).not.toContain("sk-0123456789");
	});

	test.each([
		["", "profile odd names no address and no model"],
		["[]", "this is a list, but fields with values are expected"],
		["extends: odd", "profile odd names no address and no model"],
	])("a profile file with %j", async (text, message) => {
		mkdirSync(sandbox.path("home/.config/cc-any/profiles"));
		writeFileSync(sandbox.path("home/.config/cc-any/profiles/odd.yaml"), text);
		const { code, error } = await outcome("--profile", "odd", "-p", "hi");
		expect(code).toBe(78);
		expect(error).toContain(message);
	});
});
