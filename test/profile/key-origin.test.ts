import { describe, expect, test } from "vitest";
import { isUsableKey } from "../../src/profile/keys/clean-key.ts";
import {
	describeKeyOrigin,
	describeKeyState,
	type KeyOrigin,
	keyStateOf,
	mask,
} from "../../src/profile/keys/key-origin.ts";
import { KeychainFailure } from "../../src/profile/keys/keychain.ts";
import { peekKey, renewalOf, resolveKey, type SecretContext } from "../../src/profile/keys/resolve-key.ts";

test.each<[KeyOrigin, string]>([
	[{ kind: "profile" }, "written in the profile"],
	[{ kind: "variable", names: ["A", "B"] }, "variable A, B"],
	[{ kind: "file", path: "/k" }, "file /k"],
	[{ kind: "command", program: "gcloud" }, "command gcloud"],
	[{ kind: "stored", names: ["A", "B"] }, "stored key A, B"],
	[{ kind: "keychain", names: ["A", "B"] }, "keychain entry A, B"],
])("%j in messages: %s", (origin, words) => {
	expect(describeKeyOrigin(origin)).toBe(words);
});

test.each([
	["set", "set"],
	["file", "from a file"],
	["command", "from a command"],
	["keychain", "in the keychain"],
	["not-needed", "not needed"],
	["missing", "not set"],
] as const)("the state %s in messages: %s", (state, words) => {
	expect(describeKeyState(state)).toBe(words);
});

test.each<[string | undefined, KeyOrigin | undefined, boolean, string]>([
	["k", { kind: "profile" }, false, "set"],
	["k", { kind: "file", path: "/k" }, false, "set"],
	["", { kind: "file", path: "/k" }, false, "set"],
	[undefined, { kind: "file", path: "/k" }, true, "file"],
	[undefined, { kind: "command", program: "c" }, true, "command"],
	[undefined, { kind: "keychain", names: [] }, true, "keychain"],
	[undefined, { kind: "stored", names: [] }, true, "not-needed"],
	[undefined, undefined, true, "not-needed"],
	[undefined, undefined, false, "missing"],
])("the state of the key %j from %j, optional %s: %s", (key, origin, optional, state) => {
	expect(keyStateOf(key, origin, optional)).toBe(state);
});

test("a mask shows four characters of a key of at least twenty", () => {
	expect(mask("0123456789012345wxyz")).toBe("…wxyz");
	expect(mask("012345678901234wxyz")).toBe("…");
});

test.each([
	["sk-~!", true],
	["a b", false],
	["a\n", false],
	["ä", false],
	["", false],
])("whether a header can carry %j: %s", (key, expected) => {
	expect(isUsableKey(key)).toBe(expected);
});

const VARIABLES = { A: "sk-a", EMPTY: "" };

describe("where a key comes from", () => {
	const context = (more: Partial<SecretContext> = {}): SecretContext => ({
		profile: "p",
		field: "key",
		variables: VARIABLES,
		folder: "/",
		...more,
	});
	const failure = async (references: string | string[], more: Partial<SecretContext> = {}) => {
		const error = await resolveKey(references, context(more)).catch((error: Error) => error);
		return error instanceof Error ? error.message : error;
	};

	test.each<[string | string[], string | undefined, KeyOrigin | undefined]>([
		["env:A", "sk-a", { kind: "variable", names: ["A"] }],
		["env: A", "sk-a", { kind: "variable", names: ["A"] }],
		["env:EMPTY", undefined, undefined],
		["env:NONE", undefined, undefined],
		[["env:NONE", "env:A"], "sk-a", { kind: "variable", names: ["A"] }],
		["sk-plain", "sk-plain", { kind: "profile" }],
		// biome-ignore lint/suspicious/noTemplateCurlyInString: the profile's own syntax
		["x-${A}", "x-sk-a", { kind: "variable", names: ["A"] }],
		// biome-ignore lint/suspicious/noTemplateCurlyInString: the profile's own syntax
		["x-${NONE}", undefined, undefined],
		["env:S", "sk-s", { kind: "stored", names: ["S"] }],
		// biome-ignore lint/suspicious/noTemplateCurlyInString: the profile's own syntax
		["${A}-${S}", "sk-a-sk-s", { kind: "stored", names: ["S"] }],
		[["env:NONE", "env:S"], "sk-s", { kind: "stored", names: ["S"] }],
		[["env:S", "env:A"], "sk-a", { kind: "variable", names: ["A"] }],
	])("%j", async (references, value, origin) => {
		const expected = value === undefined ? undefined : { value, origin };
		expect(await resolveKey(references, context({ stored: () => ({ S: "sk-s" }) }))).toEqual(expected);
		expect(peekKey(references, VARIABLES, { S: "sk-s" })).toEqual(expected);
	});

	test("a file or a command is not asked for showing it, and counts before later references", () => {
		expect(peekKey(["file:/k", "env:A"], VARIABLES)).toEqual({
			value: undefined,
			origin: { kind: "file", path: "/k" },
		});
		expect(peekKey("command:pass show x", VARIABLES)).toEqual({
			value: undefined,
			origin: { kind: "command", program: "pass" },
		});
		expect(peekKey(undefined, VARIABLES)).toBeUndefined();
	});

	test("a key in the keychain is read only when it is needed", async () => {
		const stored = { S: { keychain: "the keychain" } };
		const origin = { kind: "keychain", names: ["S"] };
		expect(peekKey("env:S", {}, stored)).toEqual({ value: undefined, origin });
		const read = (readKeychain: SecretContext["readKeychain"]) => ({ stored: () => stored, readKeychain });
		expect(await resolveKey("env:S", context(read(async (name) => `sk-of-${name}`)))).toEqual({
			value: "sk-of-S",
			origin,
		});
		expect(
			await failure(
				"env:S",
				read(async () => undefined),
			),
		).toBe("profile p: key: the keychain did not return the key for S");
		expect(
			await failure(
				"env:S",
				read(async () => Promise.reject(new KeychainFailure("locked"))),
			),
		).toBe("profile p: key: the keychain did not return the key for S: locked");
		expect(
			await failure(
				"env:S",
				read(async () => Promise.reject(new Error("a bug"))),
			),
		).toBe("a bug");
	});

	test("a key that no header can carry is an error that does not quote it", async () => {
		expect(await failure("env:K", { variables: { K: "a b" } })).toBe(
			"profile p: key: the key from variable K has characters that no header can carry (line breaks, spaces, non-ASCII)",
		);
		expect(await failure("command:true")).toBe("profile p: key: the key from command true is empty");
	});

	test("only the key of a command can change", async () => {
		const again = async () => ({ value: "sk-2", origin: { kind: "profile" } as const });
		const renewal = renewalOf({ value: "sk-1", origin: { kind: "command", program: "c" } }, again);
		expect(await renewal?.()).toBe("sk-2");
		expect(renewalOf({ value: "sk-1", origin: { kind: "file", path: "/k" } }, again)).toBeUndefined();
		expect(renewalOf(undefined, again)).toBeUndefined();
	});
});
