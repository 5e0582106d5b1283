import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findClaude } from "../../src/launch/find-claude.ts";
import { makeRunFolder } from "../../src/launch/run-folder.ts";
import { statusLineSetting } from "../../src/launch/settings.ts";
import { writeFileAtomic } from "../../src/platform/atomic-write.ts";
import { processEnvironment } from "../../src/platform/paths.ts";
import { startOf } from "../../src/platform/program.ts";
import { readStoredKeys, storeKey } from "../../src/profile/keys/key-store.ts";
import { searchProject } from "../../src/profile/sources/search-project.ts";
import { trustFile } from "../../src/profile/sources/trust.ts";
import { npmShim } from "../support/processes.ts";
import { profileHome } from "../support/profile-home.ts";

const ENDPOINT = "endpoints: { openai-chat: { baseUrl: http://127.0.0.1:9/v1 } }\n";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "cc-any test é "));
});
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

function file(path: string, content: string | Buffer = ""): string {
	const whole = join(folder, path);
	mkdirSync(dirname(whole), { recursive: true });
	writeFileSync(whole, content);
	return whole;
}

describe.skipIf(process.platform !== "win32")("on Windows", () => {
	describe("claude is found", () => {
		const variables = (more: Record<string, string> = {}) => ({ USERPROFILE: join(folder, "home"), PATH: "", ...more });

		test("on PATH, in the native installer's folder, in npm's; .exe before .cmd, never a script for POSIX shells", () => {
			file("npm/claude");
			const shim = file("npm/claude.cmd");
			const Path = `.;${join(folder, "none")};${join(folder, "npm")}`;
			expect(findClaude({ variables: { USERPROFILE: folder, Path } })).toBe(shim);
			const exe = file("npm/claude.exe");
			expect(findClaude({ variables: { USERPROFILE: folder, Path } })).toBe(exe);
			const APPDATA = join(folder, "roaming");
			const roaming = file("roaming/npm/claude.cmd");
			expect(findClaude({ variables: variables({ APPDATA }) })).toBe(roaming);
			const native = file("home/.local/bin/claude.exe");
			expect(findClaude({ variables: variables({ APPDATA }) })).toBe(native);
		});

		test("--claude with either slash, without an ending, with ~, as a name on PATH", () => {
			file("tools/claude");
			const shim = file("tools/claude.cmd");
			for (const given of [shim, shim.replaceAll("\\", "/"), shim.replace(/\.cmd$/, ""), shim.toUpperCase()]) {
				expect(findClaude({ given, variables: variables() }).toLowerCase()).toBe(shim.toLowerCase());
			}
			const mine = file("home/c/claude.exe");
			for (const given of ["~/c/claude", "~\\c\\claude.exe", `\\\\?\\${mine}`, `//?/${mine}`]) {
				const found = findClaude({ given, variables: variables() });
				expect(found.replace("\\\\?\\", "")).toBe(mine);
			}
			// Relative to the current folder of the drive.
			const drive = shim.slice(0, 2);
			const relativeTo = `${drive}${relative(resolve(drive), shim)}`;
			expect(findClaude({ given: relativeTo, variables: variables() })).toBe(shim);
			expect(findClaude({ given: "claude", variables: variables({ PATH: dirname(shim) }) })).toBe(shim);
			expect(() => findClaude({ given: "\\\\server\\share\\claude", variables: variables() })).toThrow(
				/names \\\\server/,
			);
		});
	});

	test("npm's shim is replaced by its script, another batch file is run by cmd.exe", () => {
		const shim = file("npm/claude.cmd", npmShim("node_modules/claude/cli.mjs"));
		const script = file("npm/node_modules/claude/cli.mjs");
		expect(startOf(shim, ["a"], {})).toEqual({ file: process.execPath, args: [script, "a"], options: {} });
		const node = file("npm/node.exe");
		expect(startOf(shim, [], {})).toMatchObject({ file: node });
		const own = file("own/claude.cmd", "@claude.exe %*\r\n");
		expect(startOf(own, ["a"], {})).toMatchObject({ options: { windowsVerbatimArguments: true } });
	});

	test("a file that another process has open is replaced as soon as it is closed", async () => {
		const target = file("status.txt", "old");
		const started = new Int32Array(new SharedArrayBuffer(4));
		// libuv's UV_FS_O_EXLOCK: the file is opened without sharing, and closed 150 ms after the write has started.
		const holder = new Worker(
			`const { openSync, closeSync } = require("node:fs");
			const { parentPort, workerData: { target, started } } = require("node:worker_threads");
			const descriptor = openSync(target, 0x10000000 | 2);
			parentPort.postMessage("open");
			Atomics.wait(started, 0, 0);
			Atomics.wait(started, 0, 1, 150);
			closeSync(descriptor);`,
			{ eval: true, workerData: { target, started } },
		);
		await new Promise((resolve) => holder.once("message", resolve));
		Atomics.store(started, 0, 1);
		Atomics.notify(started, 0);
		writeFileAtomic(target, "new");
		expect(readFileSync(target, "utf8")).toBe("new");
		expect(existsSync(`${target}.${process.pid}`)).toBe(false);
		await holder.terminate();
	});

	test("a path of more than 260 characters", () => {
		const long = join(
			folder,
			...Array.from({ length: 6 }, () => "a folder with a long name ".repeat(2).trim()),
			"file.json",
		);
		expect(long.length).toBeGreaterThan(300);
		writeFileAtomic(long, "1");
		writeFileAtomic(long, "2");
		expect(readFileSync(long, "utf8")).toBe("2");
	});

	test("home is the profile folder, also where Git Bash sets HOME", () => {
		const before = process.env["HOME"];
		process.env["HOME"] = "/c/Users/other";
		try {
			expect(processEnvironment().home).toBe(process.env["USERPROFILE"]);
		} finally {
			if (before === undefined) delete process.env["HOME"];
			else process.env["HOME"] = before;
		}
	});

	test("config files with CRLF and a byte order mark, a key file that PowerShell wrote", async () => {
		const home = profileHome();
		const lines = [
			"name: sample",
			"key: file:~/key.txt",
			"model: m",
			"endpoints:",
			"  openai-chat:",
			"    baseUrl: http://127.0.0.1:9/v1",
			"",
		];
		home.write(".config/cc-any/profiles/sample.yaml", `\uFEFF${lines.join("\r\n")}`);
		writeFileSync(join(home.home, "key.txt"), Buffer.from("\uFEFFsk-from-powershell\r\n", "utf16le"));
		const profile = await home.resolve({ profile: "sample" });
		expect(profile.key).toBe("sk-from-powershell");
		expect(profile.tiers.opus).toBe("m");
	});

	test.each(["gcloud", "./bin/gcloud", ".\\bin\\gcloud.cmd", "bin/gcloud"])(
		"a key command may be a batch file, as gcloud is: %s",
		async (command) => {
			const home = profileHome();
			home.write("bin/gcloud.cmd", "@echo sk-%1\r\n");
			home.env["PATH"] = join(home.home, "bin");
			const file = home.write("p.yaml", `key: command:${command} token\nmodel: m\n${ENDPOINT}`);
			expect((await home.resolve({ profile: file })).key).toBe("sk-token");
		},
	);

	test.each(["~\\k\\key.txt", "k\\key.txt", "k/key.txt", "HOME\\k\\key.txt", "\\\\?\\HOME\\k\\key.txt"])(
		"a key file %s",
		async (path) => {
			const home = profileHome();
			home.write("k/key.txt", "sk-1\r\n");
			home.write("p.yaml", `key: file:${path.replace("HOME", home.home)}\nmodel: m\n${ENDPOINT}`);
			expect((await home.resolve({ profile: "~\\p.yaml" })).key).toBe("sk-1");
		},
	);

	test("folders as a synchronizing program makes them: blanks, a dash, other letters", async () => {
		const home = profileHome();
		const place = join(home.home, "OneDrive - Müller & Söhne", "設定 (1)");
		home.env["XDG_CONFIG_HOME"] = place;
		const file = join(place, "cc-any", "profiles", "mine.yaml");
		mkdirSync(dirname(file), { recursive: true });
		writeFileSync(file, `key: env:A_KEY\nmodel: m\n${ENDPOINT}`);
		storeKey("A_KEY", "sk-1", home.environment);
		expect(readStoredKeys(home.environment)).toEqual({ A_KEY: "sk-1" });
		expect((await home.resolve({ profile: "mine" })).key).toBe("sk-1");
	});

	test("a trusted file is trusted in whatever case and form the folder is written", () => {
		const { environment, project, write } = profileHome();
		const config = write("project/.cc-anyrc", "profile: deepseek\n");
		const place = trustFile(config, environment);
		const upper = join(project.toUpperCase(), ".cc-anyrc");
		expect([trustFile(upper, environment), trustFile(`\\\\?\\${config}`, environment)]).toEqual([place, place]);
	});

	test("the search for a project's config ends at the home folder, also if a shell wrote it in another case", async () => {
		const home = profileHome();
		const inner = join(home.home, "Users", "me");
		home.write("Users/me/work/x.txt", "");
		home.write("Users/.cc-anyrc", "profile: deepseek\n");
		const cwd = join(inner, "work").toLowerCase();
		expect(await searchProject(cwd, inner)).toBeUndefined();
		expect(await searchProject(cwd, home.home)).toBeDefined();
	});

	test("PATH is found in whatever case the system wrote it", () => {
		const tools = dirname(file("tools/claude.exe"));
		for (const name of ["PATH", "Path", "path"]) {
			expect(findClaude({ variables: { USERPROFILE: folder, [name]: tools } })).toBe(join(tools, "claude.exe"));
		}
	});

	test("stored keys are read back: there are no permission bits to check", () => {
		const { environment } = profileHome();
		storeKey("A_KEY", "sk-1", environment);
		expect(readStoredKeys(environment)).toEqual({ A_KEY: "sk-1" });
	});

	test("the folder of a run that was killed is removed by the next one", () => {
		const dead = spawnSync(process.execPath, ["-e", ""]).pid;
		const orphan = join(tmpdir(), `cc-any-run-${dead}-orphan`);
		mkdirSync(orphan);
		makeRunFolder().remove();
		expect(existsSync(orphan)).toBe(false);
	});

	const SHELLS: readonly [string, string[]][] = [
		["powershell.exe", ["-NoProfile", "-Command"]],
		["C:\\Program Files\\Git\\bin\\bash.exe", ["-c"]],
	];
	// Wine's powershell.exe does nothing.
	test.skipIf(process.env["CC_ANY_WINE"] === "1").each(SHELLS)("%s prints the status line", (shell, options) => {
		const status = file("status.txt", "m | 34k of 1.0M (3 %)\n");
		for (const [own, expected] of [
			[undefined, "m | 34k of 1.0M (3 %)"],
			[{ command: "echo own" }, "own\nm | 34k of 1.0M (3 %)"],
		]) {
			const { command } = statusLineSetting(status, own);
			const { stdout } = spawnSync(shell, [...options, String(command)], { encoding: "utf8" });
			expect(stdout.replaceAll("\r", "").trim()).toBe(expected);
		}
	});
});
