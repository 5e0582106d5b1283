import { chmodSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isUsableKey } from "../../src/profile/keys/clean-key.ts";
import {
	describeKeyOrigin,
	describeKeyState,
	type KeyOrigin,
	keyStateOf,
	mask,
} from "../../src/profile/keys/key-origin.ts";
import { splitArgs } from "../../src/profile/keys/key-reference.ts";
import { KeychainFailure } from "../../src/profile/keys/keychain.ts";
import { peekKey, renewalOf, resolveKey, type SecretContext } from "../../src/profile/keys/resolve-key.ts";
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

	test("a reference with an empty or missing variable is skipped", async () => {
		const variables = { EMPTY: "", A_KEY: "sk-a" };
		const references = ["env:EMPTY", `${ref("EMPTY")}${ref("A_KEY")}`, `${ref("A_KEY")}${ref("NONE")}`, "env:A_KEY"];
		const origin = { kind: "variable", names: ["A_KEY"] };
		expect(await resolveKey(references, context(profileHome(), variables))).toEqual({ value: "sk-a", origin });
		expect(peekKey(references, variables)).toEqual({ value: "sk-a", origin });
	});

	test("white space around the name, the path and the command is ignored, inside the key it is an error", async () => {
		const home = profileHome();
		home.write("key.txt", "sk-file");
		const variables = { A_KEY: "sk-a" };
		for (const reference of ["env: A_KEY ", "file: key.txt ", "command: echo sk-file "]) {
			expect((await resolveKey(reference, context(home, variables)))?.value).toMatch(/^sk-(a|file)$/);
		}
		home.write("padded.txt", " sk-file\n");
		expect((await resolveKey("file:padded.txt", context(home)))?.value).toBe("sk-file");
		home.write("inside.txt", "sk- file\n");
		const error = await userError(resolveKey("file:inside.txt", context(home)));
		expect(error.message).toContain("no header can carry");
	});

	test("a command runs in the profile's folder, and only its output counts", async () => {
		const home = profileHome();
		home.write("key.txt", "sk-file");
		expect((await resolveKey("command:cat key.txt", context(home)))?.value).toBe("sk-file");
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
		["a literal with a space", `${SECRET} ${SECRET}`, /no header can carry/],
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
	expect(mask("k".repeat(19))).toBe("…");
	expect(mask("k".repeat(20))).toBe("…kkkk");
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

test("only a key that a command printed is read again", async () => {
	const again = () => Promise.resolve({ value: "sk-new", origin: { kind: "command", program: "az" } } as const);
	const origins: KeyOrigin[] = [
		{ kind: "profile" },
		{ kind: "variable", names: ["A"] },
		{ kind: "file", path: "key.txt" },
		{ kind: "stored", names: ["A"] },
		{ kind: "keychain", names: ["A"] },
	];
	for (const origin of origins) expect(renewalOf({ value: "sk", origin }, again), origin.kind).toBeUndefined();
	expect(renewalOf(undefined, again)).toBeUndefined();
	const renew = renewalOf({ value: "sk-old", origin: { kind: "command", program: "az" } }, again);
	expect(await renew?.()).toBe("sk-new");
});

describe("stored keys replace variables that are not set", () => {
	const stored = () => ({ A_KEY: "sk-stored-a", B_KEY: "sk-stored-b", OLD: { keychain: "the keychain" } });
	const read = (references: string | string[], variables: Record<string, string> = {}) =>
		resolveKey(references, { ...context(profileHome(), variables), stored });

	test.each<[references: string | string[], value: string | undefined, names: string[]]>([
		["env:A_KEY", "sk-stored-a", ["A_KEY"]],
		[`${ref("A_KEY")}.${ref("B_KEY")}`, "sk-stored-a.sk-stored-b", ["A_KEY", "B_KEY"]],
		[["env:NONE", "env:B_KEY", "env:A_KEY"], "sk-stored-b", ["B_KEY"]],
		[`${ref("A_KEY")}${ref("NONE")}`, undefined, []],
	])("%s", async (references, value, names) => {
		const secret = value === undefined ? undefined : { value, origin: { kind: "stored", names } };
		expect(await read(references)).toEqual(secret);
		expect(peekKey(references, {}, stored())).toEqual(secret);
	});

	test("together with a variable that is set; a set variable is never replaced", async () => {
		const both = `${ref("SET")}.${ref("A_KEY")}`;
		expect((await read(both, { SET: "sk-set" }))?.value).toBe("sk-set.sk-stored-a");
		expect((await read("env:A_KEY", { A_KEY: "sk-variable" }))?.value).toBe("sk-variable");
		// The shell gives an empty variable; the stored key replaces it.
		expect((await read("env:A_KEY", { A_KEY: "" }))?.value).toBe("sk-stored-a");
		expect(peekKey("env:A_KEY", { A_KEY: "" }, stored())?.value).toBe("sk-stored-a");
	});

	test("not in the path of a file or the arguments of a command", async () => {
		const error = await userError(read(`file:${ref("A_KEY")}`));
		expect(error.message).toContain("needs the variable A_KEY");
		await userError(read(`command:echo ${ref("A_KEY")}`));
	});

	test("a stored key must fit into a header too", async () => {
		const options = { ...context(profileHome()), stored: () => ({ A_KEY: "sk a" }) };
		expect((await userError(resolveKey("env:A_KEY", options))).message).toContain("the key from stored key A_KEY has");
	});

	test("one in the keychain is fetched when it is needed, and its failure is an error", async () => {
		const from = (readKeychain: () => Promise<string | undefined>) =>
			resolveKey("env:OLD", { ...context(profileHome()), stored, readKeychain });
		expect(await from(async () => "sk-kept")).toEqual({
			value: "sk-kept",
			origin: { kind: "keychain", names: ["OLD"] },
		});
		expect((await userError(from(async () => undefined))).message).toMatch(
			/the keychain did not return the key for OLD$/,
		);
		const locked = await userError(from(() => Promise.reject(new KeychainFailure("it is locked"))));
		expect(locked.message).toMatch(/the keychain did not return the key for OLD: it is locked$/);
		await expect(from(() => Promise.reject(new TypeError("a defect")))).rejects.toThrow(TypeError);
		expect(peekKey(`${ref("OLD")}${ref("A_KEY")}`, {}, stored())).toEqual({
			value: undefined,
			origin: { kind: "keychain", names: ["OLD", "A_KEY"] },
		});
	});
});

test("the state of a key, and its words", () => {
	const states = [
		keyStateOf("sk", { kind: "file", path: "x" }, false),
		keyStateOf("", undefined, false),
		keyStateOf(undefined, { kind: "file", path: "x" }, true),
		keyStateOf(undefined, { kind: "command", program: "az" }, true),
		keyStateOf(undefined, { kind: "keychain", names: ["A"] }, true),
		keyStateOf(undefined, { kind: "variable", names: ["A"] }, false),
		keyStateOf(undefined, undefined, true),
		keyStateOf(undefined, undefined, false),
	];
	expect(states).toEqual(["set", "set", "file", "command", "keychain", "missing", "not-needed", "missing"]);
	expect(states.map(describeKeyState)).toEqual([
		...["set", "set", "from a file", "from a command", "in the keychain", "not set", "not needed", "not set"],
	]);
});

test.each([
	["sk-0~!", true],
	["", false],
	["sk a", false],
	["sk\n", false],
	["schlüssel", false],
	["sk\x7f", false],
])("isUsableKey %j", (key, expected) => {
	expect(isUsableKey(key)).toBe(expected);
});
