import { chmodSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { describeKeyOrigin, mask } from "../../src/profile/keys/key-origin.ts";
import { splitArgs } from "../../src/profile/keys/key-reference.ts";
import { peekKey, resolveKey, type SecretContext } from "../../src/profile/keys/resolve-key.ts";
import { profileHome, userError } from "../support/profile-home.ts";

const ref = (inner: string) => `$\{${inner}}`;

function context(home: ReturnType<typeof profileHome>, variables: Record<string, string> = {}): SecretContext {
	const all = { ...home.env, ...variables };
	return { profile: "own", field: "key", variables: all, folder: home.home, home: home.home, timeoutMs: 5000 };
}

describe("where a key is read from", () => {
	const variables = { A_KEY: "sk-a", B_KEY: "sk-b" };
	test.each<[reference: string | string[], value: string, from: string]>([
		["env:A_KEY", "sk-a", "variable A_KEY"],
		[ref("A_KEY"), "sk-a", "variable A_KEY"],
		[`prefix-${ref("A_KEY")}`, "prefix-sk-a", "variable A_KEY"],
		[["env:NONE", ref("NONE"), ref("B_KEY"), "env:A_KEY"], "sk-b", "variable B_KEY"],
		["file:key.txt", "sk-file", "file key.txt"],
		["file:~/key.txt", "sk-file", "file ~/key.txt"],
		[`file:${ref("NONE:-key.txt")}`, "sk-file", "file key.txt"],
		[`command:printf "%s\\n" 'sk command'`.replace("sk command", "sk-command"), "sk-command", "command printf"],
		[`command:printenv A_KEY`, "sk-a", "command printenv"],
		["sk-plain", "sk-plain", "written in the profile"],
	])("%s", async (reference, value, from) => {
		const home = profileHome();
		home.write("key.txt", "sk-file\r\n");
		const secret = await resolveKey(reference, context(home, variables));
		expect(secret?.value).toBe(value);
		expect(secret && describeKeyOrigin(secret.origin)).toBe(from);
	});

	test("undefined when all alternatives are variables that are not set", async () => {
		expect(await resolveKey(["env:NONE", ref("NONE")], context(profileHome()))).toBeUndefined();
	});
});

describe("the password managers of docs/keys.md, each a fake program", () => {
	const page = readFileSync(new URL("../../docs/keys.md", import.meta.url), "utf8");
	const references = [...page.matchAll(/^(?:# )?key: (command:[^#\n]*)/gm)].map(([, reference = ""]) =>
		reference.trim(),
	);
	const expected: Record<string, string[]> = {
		op: ["read", "op://Private/DeepSeek/credential"],
		pass: ["show", "deepseek"],
		bw: ["get", "password", "deepseek"],
		security: ["find-generic-password", "-s", "deepseek", "-w"],
	};

	test.each(Object.entries(expected))("%s is given %j, and what it prints is the key", async (program, given) => {
		const home = profileHome();
		const script = `#!/bin/sh\nfor word in "$@"; do echo "$word" >> '${home.home}/words'; done\necho sk-from-${program}\n`;
		chmodSync(home.write(`bin/${program}`, script), 0o755);
		const reference = references.find((text) => text.startsWith(`command:${program} `)) ?? "";
		const secret = await resolveKey(reference, context(home, { PATH: `${home.home}/bin:${home.env["PATH"]}` }));
		expect(secret).toEqual({ value: `sk-from-${program}`, origin: { kind: "command", program } });
		expect(home.read("words").trimEnd().split("\n")).toEqual(given);
	});

	test("there are no others on the page", () => {
		expect(references).toHaveLength(Object.keys(expected).length);
	});
});

describe("errors say what failed and never hold the secret", () => {
	const SECRET = "sk-secret-1234567890";
	test.each<[what: string, reference: string, message: RegExp]>([
		["a missing file", "file:none.txt", /key file .*none\.txt cannot be read \(ENOENT\)/],
		["an empty file", "file:empty.txt", /the key from file empty\.txt is empty/],
		["a file of several lines", "file:lines.txt", /has characters that no header can carry/],
		["an unknown command", "command:cc-any-no-such-program x", /cc-any-no-such-program was not found/],
		[
			"a failing command that printed it",
			`command:sh -c "echo ${SECRET}; echo ${SECRET} >&2; exit 3"`,
			/sh ended with exit code 3/,
		],
		["a command that prints two lines", `command:printf "${SECRET}\\n${SECRET}\\n"`, /no header can carry/],
		["a command without a program", "command:", /names no program/],
		["a literal with a space", `Bearer ${SECRET}`, /no header can carry/],
		["a missing variable in a path", `file:${ref("NONE")}/x`, /needs the variable NONE/],
	])("%s", async (_what, reference, message) => {
		const home = profileHome();
		home.write("empty.txt", "\n");
		home.write("lines.txt", `${SECRET}\n${SECRET}\n`);
		const error = await userError(resolveKey(reference, context(home)));
		expect(error.message).toMatch(message);
		expect(error.message).toContain("profile own");
		expect(`${error.message}${error.hint}${error.stack}`).not.toContain(SECRET);
	});

	test("a command that hangs is ended", async () => {
		const home = profileHome();
		const error = await userError(resolveKey("command:sleep 60", { ...context(home), timeoutMs: 100 }));
		expect(error.message).toContain("the key command sleep gave no key within 0.1 s");
	});

	test("no shell reads the command", async () => {
		const home = profileHome();
		const secret = await resolveKey("command:echo $(id);>x", context(home));
		expect(secret?.value).toBe("$(id);>x");
		expect(home.has("x")).toBe(false);
	});
});

test("splitArgs: quotes hold together, nothing else is special", () => {
	expect(splitArgs(`op read "op://My Vault/key" 'a "b"' c\\d ""`)).toEqual([
		"op",
		"read",
		"op://My Vault/key",
		'a "b"',
		"c\\d",
		"",
	]);
});

test("mask shows no short secret, and four characters of a long one", () => {
	expect(mask("sk-short")).toBe("…");
	expect(mask("sk-0123456789abcdefWXYZ")).toBe("…WXYZ");
});

test("peekKey runs no command and reads no file", () => {
	expect(peekKey("command:touch /nowhere/x", {})).toEqual({
		value: undefined,
		origin: { kind: "command", program: "touch" },
	});
	expect(peekKey("file:none", {})).toEqual({ value: undefined, origin: { kind: "file", path: "none" } });
	expect(peekKey(["env:NONE", "env:A"], { A: "sk" })).toEqual({
		value: "sk",
		origin: { kind: "variable", names: ["A"] },
	});
	expect(peekKey("env:NONE", {})).toBeUndefined();
	expect(peekKey(undefined, {})).toBeUndefined();
});
