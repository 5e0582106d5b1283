import { expect, test } from "vitest";
import { cleanKey } from "../../src/profile/keys/clean-key.ts";
import { profileHome } from "../support/profile-home.ts";

const keys: [given: string, key: string, what: string | undefined][] = [
	["sk-right", "sk-right", undefined],
	['"sk-right"', "sk-right", "had quotes around it"],
	["'sk-right'", "sk-right", "had quotes around it"],
	["“sk-right”", "sk-right", "had quotes around it"],
	[' "sk-right" ', "sk-right", "had blanks and quotes around it"],
	['" sk-right"', "sk-right", "had quotes and blanks around it"],
	["Bearer sk-right", "sk-right", "had the word Bearer around it"],
	["Authorization: Bearer sk-right\n", "sk-right", "had blanks and the word Bearer around it"],
	// Not a pair: it may be part of the key.
	['sk-right"', 'sk-right"', undefined],
	['""', '""', undefined],
	["sk- right", "sk- right", undefined],
];
test.each(keys)("%j", (given, key, what) => {
	const cleaned = cleanKey(given);
	expect(cleaned.key).toBe(key);
	expect(cleaned.removed?.replace(", which cc-any removed", "")).toBe(what);
});

test("a start says what was removed, without the key", async () => {
	const home = profileHome({ MY_KEY: '"sk-right-0123456789"' });
	const { profile, report } = await home.resolveWithReport({ baseUrl: "http://x/v1", model: "m", keyEnv: "MY_KEY" });
	expect(profile.key).toBe("sk-right-0123456789");
	expect(report.warnings).toEqual(["the key from variable MY_KEY had quotes around it, which cc-any removed"]);
});
