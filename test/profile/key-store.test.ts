import { lstatSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readStoredKeys, storeKey } from "../../src/profile/keys/key-store.ts";
import { profileHome } from "../support/profile-home.ts";

const FILE = ".config/cc-any/keys.json";

describe("the file of stored keys", () => {
	test("is private, and gone with its last key", () => {
		const home = profileHome();
		expect(readStoredKeys(home.environment)).toEqual({});
		storeKey("A_KEY", "sk-a", home.environment);
		storeKey("B_KEY", { keychain: "the keychain" }, home.environment);
		expect(readStoredKeys(home.environment)).toEqual({ A_KEY: "sk-a", B_KEY: { keychain: "the keychain" } });
		expect(home.mode(FILE)).toBe(0o600);
		storeKey("A_KEY", undefined, home.environment);
		expect(readStoredKeys(home.environment)).toEqual({ B_KEY: { keychain: "the keychain" } });
		storeKey("B_KEY", undefined, home.environment);
		expect(home.has(FILE)).toBe(false);
	});

	test("that is a link keeps its keys in the target, and both go with the last one", () => {
		const home = profileHome();
		const target = home.write("dotfiles/keys.json", '{"A_KEY":"sk-a"}');
		home.chmod("dotfiles/keys.json", 0o600);
		home.write(".config/cc-any/other", "");
		symlinkSync(target, join(home.home, FILE));
		storeKey("B_KEY", "sk-b", home.environment);
		expect(lstatSync(join(home.home, FILE)).isSymbolicLink()).toBe(true);
		expect(JSON.parse(home.read("dotfiles/keys.json"))).toEqual({ A_KEY: "sk-a", B_KEY: "sk-b" });
		storeKey("A_KEY", undefined, home.environment);
		storeKey("B_KEY", undefined, home.environment);
		expect(home.has("dotfiles/keys.json")).toBe(false);
		expect(() => lstatSync(join(home.home, FILE))).toThrow("ENOENT");
	});

	test.skipIf(process.platform === "win32").each([0o640, 0o620, 0o604, 0o602, 0o610])(
		"with mode %o is refused",
		(mode) => {
			const home = profileHome();
			home.write(FILE, '{"A_KEY":"sk-a"}');
			home.chmod(FILE, mode);
			expect(() => readStoredKeys(home.environment)).toThrow("can be read by others");
			expect(() => storeKey("B_KEY", "sk-b", home.environment)).toThrow("can be read by others");
			home.chmod(FILE, 0o600);
			expect(readStoredKeys(home.environment)).toEqual({ A_KEY: "sk-a" });
		},
	);

	test.each([
		'{"A_KEY":"sk-secret"',
		'["sk-secret"]',
		'"sk-secret"',
		"null",
		'{"A_KEY":1}',
		'{"A_KEY":null}',
		'{"A":{}}',
	])("that holds %s is damaged, and is not quoted", (text) => {
		const home = profileHome();
		home.write(FILE, text);
		home.chmod(FILE, 0o600);
		expect(() => readStoredKeys(home.environment)).toThrow(/is damaged: (?!.*secret)/);
		expect(() => storeKey("B_KEY", "sk-b", home.environment)).toThrow("is damaged");
		expect(home.read(FILE)).toBe(text);
	});
});
