import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findOption } from "../../src/launch/arguments.ts";
import { makeRunFolder, writeSettingsFile } from "../../src/launch/run-folder.ts";
import {
	launchSettings,
	mergeSettings,
	readSettingsArgument,
	readSettingsFiles,
	type Settings,
	withNetworkSettings,
	withProxy,
	withSettings,
} from "../../src/launch/settings.ts";

describe("the --settings that counts", () => {
	const table: [line: string, value: string | undefined, replaced: string][] = [
		["", undefined, "--settings NEW"],
		["-p hi", undefined, "--settings NEW -p hi"],
		["mcp list", undefined, "--settings NEW mcp list"],
		["--settings a.json -p hi", "a.json", "--settings NEW -p hi"],
		["--settings=a.json hi", "a.json", "--settings=NEW hi"],
		["--settings a.json --settings b.json", "b.json", "--settings a.json --settings NEW"],
		["--settings a.json --settings=b.json", "b.json", "--settings a.json --settings=NEW"],
		["-p -- --settings a.json", undefined, "--settings NEW -p -- --settings a.json"],
		["-p --settings -- a.json", undefined, "--settings NEW -p --settings -- a.json"],
		["-p --settings", undefined, "--settings NEW -p --settings"],
	];
	test.each(table)("%s", (line, value, replaced) => {
		const words = line === "" ? [] : line.split(" ");
		expect(findOption(words, "--settings")?.value).toBe(value);
		expect(withSettings(words, "NEW")).toEqual(replaced.split(" "));
	});
});

describe("launchSettings", () => {
	const off = { disableAutoMode: "disable" };
	const table: [about: string, line: string, argument: Settings | undefined, files: Settings[], out: Settings][] = [
		["nothing chosen", "-p hi", undefined, [], off],
		[
			"other settings of the user's",
			"",
			{ model: "x", env: { A: "1" } },
			[{ theme: "dark" }],
			{
				...off,
				model: "x",
				env: { A: "1" },
			},
		],
		[
			"permission rules are no mode",
			"",
			{ permissions: { allow: ["Read"] } },
			[],
			{
				...off,
				permissions: { allow: ["Read"] },
			},
		],
		[
			"a mode in --settings",
			"",
			{ permissions: { defaultMode: "auto" } },
			[],
			{ permissions: { defaultMode: "auto" } },
		],
		["a mode in a file", "", { model: "x" }, [{ permissions: { defaultMode: "plan" } }], { model: "x" }],
		["disableAutoMode in a file", "", undefined, [{ disableAutoMode: "disable" }], {}],
		["disableAutoMode under permissions", "", undefined, [{ permissions: { disableAutoMode: "disable" } }], {}],
		["a mode as an option", "--permission-mode auto", undefined, [], {}],
		["a mode as a joined option", "--permission-mode=auto", undefined, [], {}],
		["no prompts wanted", "--dangerously-skip-permissions", undefined, [], {}],
		["an option that is a prompt", "-- --permission-mode", undefined, [], off],
		["damaged permissions", "", { permissions: [] }, [], { ...off, permissions: [] }],
	];
	test.each(table)("%s", (_about, line, argument, files, out) => {
		const claudeArguments = line === "" ? [] : line.split(" ");
		expect(launchSettings({ claudeArguments, argument, files })).toEqual(out);
	});
});

test("withProxy: the address and the token of the run win over those of the user, whose other variables stay", () => {
	const env = { ANTHROPIC_BASE_URL: "https://evil.example", A: "1" };
	expect(withProxy({ model: "x", env }, { url: "http://127.0.0.1:1", token: "t" })).toEqual({
		model: "x",
		env: { A: "1", ANTHROPIC_BASE_URL: "http://127.0.0.1:1", ANTHROPIC_AUTH_TOKEN: "t" },
	});
});

test("mergeSettings: objects are joined, the user's value wins", () => {
	const own = { a: 1, nested: { x: 1, y: 1 }, list: [1], kind: { z: 1 } };
	const user = { a: 2, nested: { y: 2, w: 2 }, list: [2], kind: "text" };
	expect(mergeSettings(own, user)).toEqual({ a: 2, nested: { x: 1, y: 2, w: 2 }, list: [2], kind: "text" });
});

describe("files", () => {
	let folder: string;
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "cc-any-test-"));
	});
	afterEach(() => rmSync(folder, { recursive: true }));

	test("a --settings value is inline JSON or a file; what cannot be read is left alone", () => {
		writeFileSync(join(folder, "s.json"), '\uFEFF{"a":1}');
		writeFileSync(join(folder, "bad.json"), "{a:1}");
		expect(readSettingsArgument(' {"b":2}', folder)).toEqual({ b: 2 });
		expect(readSettingsArgument("s.json", folder)).toEqual({ a: 1 });
		expect(readSettingsArgument(join(folder, "s.json"), "/")).toEqual({ a: 1 });
		for (const value of ["bad.json", "absent.json", ".", "{nonsense", "[1]"])
			expect(readSettingsArgument(value, folder), value).toBeUndefined();
	});

	test("user, project and local files are read, CLAUDE_CONFIG_DIR is used, damaged files are ignored", () => {
		const write = (path: string, text: string): void => {
			mkdirSync(dirname(join(folder, path)), { recursive: true });
			writeFileSync(join(folder, path), text);
		};
		write("home/.claude/settings.json", '{"from":"user"}');
		write("other/settings.json", '{"from":"other"}');
		write("work/.claude/settings.json", "{damaged");
		write("work/.claude/settings.local.json", '{"from":"local"}');
		const home = join(folder, "home");
		const work = join(folder, "work");
		expect(readSettingsFiles({ HOME: home, USERPROFILE: home }, work)).toEqual([{ from: "user" }, { from: "local" }]);
		write("work/.claude/settings.local.json", '{"modelOverrides":{"claude-opus-4-8":{"provider":"x"}}}');
		expect(readSettingsFiles({ HOME: home, USERPROFILE: home }, work)).toEqual([{ from: "user" }]);
		const environment = { HOME: home, USERPROFILE: home, CLAUDE_CONFIG_DIR: join(folder, "other") };
		expect(readSettingsFiles(environment, home)).toEqual([{ from: "other" }, { from: "user" }]);
	});

	test.skipIf(process.platform === "win32")("the temporary file is for this user alone, and goes", () => {
		const folder = makeRunFolder();
		const path = writeSettingsFile({ a: 1 }, folder.path);
		expect(dirname(path)).toBe(folder.path);
		expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ a: 1 });
		expect(statSync(path).mode & 0o777).toBe(0o600);
		expect(statSync(folder.path).mode & 0o777).toBe(0o700);
		folder.remove();
		expect(existsSync(folder.path)).toBe(false);
		expect(process.listeners("exit").length).toBe(new Set(process.listeners("exit")).size);
	});
});

describe("the network variables of the user's own settings", () => {
	const of = (env: unknown, variables: Record<string, string> = {}) => {
		const folder = mkdtempSync(join(tmpdir(), "cc-any-network-"));
		try {
			writeFileSync(join(folder, "settings.json"), JSON.stringify({ env }));
			const { CLAUDE_CONFIG_DIR: _, ...rest } = withNetworkSettings({ ...variables, CLAUDE_CONFIG_DIR: folder });
			return rest;
		} finally {
			rmSync(folder, { recursive: true });
		}
	};
	const network = { HTTPS_PROXY: "http://proxy.example:3128", NODE_EXTRA_CA_CERTS: "/ca.pem", no_proxy: "10.0.0.0/8" };

	test("are added, and nothing else", () => {
		expect(of({ ...network, ANTHROPIC_BASE_URL: "http://other.example", HTTP_PROXY: 3128 })).toEqual(network);
	});

	test("never replace one of the shell, in upper or lower case", () => {
		const shell = { https_proxy: "http://mine", NO_PROXY: "a" };
		expect(of(network, shell)).toEqual({ ...shell, NODE_EXTRA_CA_CERTS: "/ca.pem" });
	});

	test.each([undefined, "text", []])("an env of %j adds nothing", (env) => {
		expect(of(env, { A: "b" })).toEqual({ A: "b" });
	});
});
