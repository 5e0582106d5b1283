import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeKeyStorage, forgetKey, keepKey, keyStorage, readKeptKey } from "../../src/profile/keys/keep-key.ts";
import { readStoredKeys } from "../../src/profile/keys/key-store.ts";
import { findKeychain } from "../../src/profile/keys/keychain.ts";
import { type FakeKeychain, installKeychain } from "../support/fake-keychain.ts";
import { profileHome } from "../support/profile-home.ts";

/** All that a key may hold, what a shell or a command line would trip over included. */
const KEY = `sk-"'\\$(id);{}#-0123456789`;
const MACHINES = [
	["linux", "secret-tool", "the system's keyring (secret-tool)"],
	["darwin", "security", "the macOS keychain (security)"],
] as const;

/** The command lines that store, read and remove A_KEY, as the manuals of the two programs write them. */
const COMMANDS = {
	linux: {
		store: "store --label=cc-any: A_KEY service cc-any account A_KEY",
		read: "lookup service cc-any account A_KEY",
		remove: "clear service cc-any account A_KEY",
	},
	// `-i` reads `add-generic-password` from standard input.
	darwin: {
		store: "-i",
		read: "find-generic-password -s cc-any -a A_KEY -w",
		remove: "delete-generic-password -s cc-any -a A_KEY",
	},
};

function machine(program: "secret-tool" | "security") {
	const home = profileHome({ DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere" });
	const folder = join(home.home, "bin");
	mkdirSync(folder);
	home.env["PATH"] = `${folder}:/usr/bin:/bin`;
	return { home, environment: home.environment, fake: installKeychain(program, folder) };
}

function expectNoKeyIn(fake: FakeKeychain) {
	const seen = fake.calls().join("\n");
	expect(seen).not.toContain(KEY.slice(0, 6));
	expect(seen).not.toContain(Buffer.from(KEY).toString("hex").slice(0, 12));
}

describe.each(MACHINES)("on %s, with %s", (platform, program, title) => {
	test("a key goes in, comes back and goes; the command line never holds it, the file only a note", async () => {
		const { home, environment, fake } = machine(program);
		expect(await keepKey("A_KEY", KEY, environment, { platform })).toEqual({ kind: "keychain", title });
		expect(fake.entry("A_KEY")).toBe(KEY);
		const hex = Buffer.from(KEY).toString("hex");
		const added = `add-generic-password -U -s "cc-any" -a "A_KEY" -X "${hex}"`;
		expect(fake.input()).toBe(platform === "darwin" ? added : undefined);
		expect(readStoredKeys(environment)).toEqual({ A_KEY: { keychain: title } });
		expect(home.mode(".config/cc-any/keys.json")).toBe(0o600);
		expect(await readKeptKey("A_KEY", environment, { platform })).toBe(KEY);
		await forgetKey("A_KEY", environment, { platform });
		expect([fake.entry("A_KEY"), home.has(".config/cc-any/keys.json")]).toEqual([undefined, false]);
		const { store, read, remove } = COMMANDS[platform];
		expect(fake.calls()).toEqual([store, read, read, remove, read]);
		expectNoKeyIn(fake);
	});

	test("of two keys each has its own entry, and a new key replaces the old one", async () => {
		const { environment } = machine(program);
		for (const [name, key] of [
			["A_KEY", "sk-1"],
			["B_KEY", "sk-2"],
			["A_KEY", "sk-3"],
		] as const) {
			await keepKey(name, key, environment, { platform });
		}
		const read = (name: string) => readKeptKey(name, environment, { platform });
		expect([await read("A_KEY"), await read("B_KEY")]).toEqual(["sk-3", "sk-2"]);
	});

	test.each([
		["fails", "exit 5", "ended with exit code 5"],
		["says yes and keeps nothing", "exit 0", "does not return the key"],
		["hangs, as a locked keyring without a screen does", "exec sleep 60", "did not finish within 0.3 s"],
	])("if it %s, the key goes into the private file, and the reason is reported", async (_about, line, reason) => {
		const { environment, fake } = machine(program);
		fake.break(line);
		const place = await keepKey("A_KEY", KEY, environment, { platform, timeoutMs: 300 });
		expect(place).toMatchObject({ kind: "file", path: expect.stringMatching(/keys\.json$/) });
		expect(describeKeyStorage(place)).toMatch(/keys\.json, readable by you alone \(mode 0600, not encrypted; not in a/);
		// `security -i` exits with 0 whatever happened, so there only reading the key back shows the failure.
		expect(describeKeyStorage(place)).toContain(reason);
		expect(readStoredKeys(environment)).toEqual({ A_KEY: KEY });
	});

	test("a key that moves into the file is removed from the keychain", async () => {
		const { environment, fake } = machine(program);
		await keepKey("A_KEY", "sk-old", environment, { platform });
		expect(describeKeyStorage(await keepKey("A_KEY", KEY, environment, { platform, file: true }))).toContain(
			"as you asked",
		);
		expect([fake.entry("A_KEY"), readStoredKeys(environment)]).toEqual([undefined, { A_KEY: KEY }]);
	});

	test("what is in the keychain under an exit code, or empty, is no key", async () => {
		const { environment, fake } = machine(program);
		await keepKey("A_KEY", KEY, environment, { platform });
		fake.break("echo sk-from-an-error; exit 1");
		expect(await readKeptKey("A_KEY", environment, { platform })).toBeUndefined();
		fake.break("echo; exit 0");
		expect(await readKeptKey("A_KEY", environment, { platform })).toBeUndefined();
	});

	test("a key that the keychain does not remove stays noted, and the failure is reported", async () => {
		const { environment, fake } = machine(program);
		await keepKey("A_KEY", KEY, environment, { platform });
		fake.break("echo sk-still-there; exit 0");
		await expect(forgetKey("A_KEY", environment, { platform })).rejects.toThrow("did not remove the key");
		expect(readStoredKeys(environment)).toEqual({ A_KEY: { keychain: title } });
	});

	test("a name or a length that its commands cannot hold goes to the file", async () => {
		const { environment, fake } = machine(program);
		expect(describeKeyStorage(await keepKey('A" -x "', KEY, environment, { platform }))).toContain(
			"cannot store a key of this name or length",
		);
		if (program === "security") {
			expect(describeKeyStorage(await keepKey("A_KEY", "k".repeat(2000), environment, { platform }))).toContain(
				"cannot store a key of this name or length",
			);
		}
		expect(fake.calls()).toEqual([]);
	});
});

describe("a machine without a keychain", () => {
	test.each<[about: string, platform: NodeJS.Platform, variables: Record<string, string>, reason: string]>([
		[
			"no program",
			"linux",
			{ DBUS_SESSION_BUS_ADDRESS: "unix:path=/x", PATH: "/nowhere" },
			"secret-tool is not installed",
		],
		["no program on macOS", "darwin", { PATH: "/nowhere" }, "security is not installed"],
		["Windows", "win32", {}, "cc-any supports none on win32"],
	])("%s: the file, and why", async (_about, platform, variables, reason) => {
		const home = profileHome(variables);
		expect(findKeychain(home.environment, { platform })).toBeUndefined();
		expect(describeKeyStorage(keyStorage(home.environment, { platform }))).toContain(reason);
		expect(describeKeyStorage(await keepKey("A_KEY", KEY, home.environment, { platform }))).toContain(reason);
		expect(readStoredKeys(home.environment)).toEqual({ A_KEY: KEY });
	});

	test("the bus is found by its socket too, and a program in the current folder is not used, whatever PATH says", () => {
		const { environment, home } = machine("secret-tool");
		delete home.env["DBUS_SESSION_BUS_ADDRESS"];
		home.env["XDG_RUNTIME_DIR"] = join(home.home, "run");
		const isFound = () => findKeychain(environment, { platform: "linux" }) !== undefined;
		expect(isFound()).toBe(false);
		home.write("run/bus", "");
		expect(isFound()).toBe(true);
		const [folder = ""] = (home.env["PATH"] ?? "").split(":");
		const before = process.cwd();
		process.chdir(folder);
		try {
			for (const path of ["", ".", ":/nowhere"]) {
				home.env["PATH"] = path;
				expect(isFound()).toBe(false);
			}
		} finally {
			process.chdir(before);
		}
	});

	test("the program without a session bus is not asked", async () => {
		const { environment, fake, home } = machine("secret-tool");
		delete home.env["DBUS_SESSION_BUS_ADDRESS"];
		expect(describeKeyStorage(await keepKey("A_KEY", KEY, environment, { platform: "linux" }))).toContain(
			"has no session bus",
		);
		expect(fake.calls()).toEqual([]);
	});
});

test("Windows, which has no mode bits, takes the file as it is; elsewhere it must be private", () => {
	const home = profileHome();
	home.write(".config/cc-any/keys.json", '{"A_KEY":"sk-1"}');
	home.chmod(".config/cc-any/keys.json", 0o666);
	expect(readStoredKeys(home.environment, "win32")).toEqual({ A_KEY: "sk-1" });
	for (const platform of ["linux", "darwin"] as const) {
		expect(() => readStoredKeys(home.environment, platform)).toThrow("can be read by others");
	}
});

const REAL = ["dbus-run-session", "gnome-keyring-daemon", "secret-tool"];
const isReal = process.platform === "linux" && REAL.every((program) => isThere(program));
if (!isReal) console.log(`skipped: the real keyring needs ${REAL.join(", ")}`);

test.skipIf(!isReal)("the real secret-tool and keyring, in a separate session", async () => {
	const home = profileHome();
	const script = [
		"printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1",
		`node '${join(import.meta.dirname, "../../bin/cc-any.js")}' keys set A_KEY < "$HOME/key"`,
		"secret-tool lookup service cc-any account A_KEY",
		`node '${join(import.meta.dirname, "../../bin/cc-any.js")}' keys remove A_KEY`,
		"secret-tool lookup service cc-any account A_KEY || echo .gone",
	];
	home.write("key", KEY);
	mkdirSync(join(home.home, "run"), { mode: 0o700 });
	const env = { PATH: process.env["PATH"], HOME: home.home, XDG_RUNTIME_DIR: join(home.home, "run"), NO_COLOR: "1" };
	const output = execFileSync("dbus-run-session", ["--", "bash", "-c", script.join("\n")], {
		env,
		stdio: "pipe",
		timeout: 30_000,
	});
	expect(output.toString()).toBe(`${KEY}.gone\n`);
});

function isThere(program: string): boolean {
	try {
		execFileSync("which", [program], { stdio: "ignore" });
		return true;
	} catch {
		return false; // not on PATH
	}
}
