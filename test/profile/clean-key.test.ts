import { expect, test } from "vitest";
import { cleanKey } from "../../src/profile/keys/clean-key.ts";
import { profileHome } from "../support/profile-home.ts";

const keys: [given: string, key: string, what: string | undefined][] = [
	["sk-right", "sk-right", undefined],
	['"sk-right"', "sk-right", "came with quotes"],
	["'sk-right'", "sk-right", "came with quotes"],
	["“sk-right”", "sk-right", "came with quotes"],
	[' "sk-right" ', "sk-right", "came with spaces and quotes"],
	['" sk-right"', "sk-right", "came with quotes and spaces"],
	["Bearer sk-right", "sk-right", "came with the word Bearer"],
	["Authorization: Bearer sk-right\n", "sk-right", "came with spaces and the word Bearer"],
	["export ACME_API_KEY=sk-right", "sk-right", "came with the name of a variable"],
	['ACME_API_KEY="sk-right"\n', "sk-right", "came with spaces, the name of a variable, and quotes"],
	['$env:ACME_API_KEY = "sk-right"', "sk-right", "came with the name of a variable and quotes"],
	["set -gx ACME_API_KEY sk-right", "sk-right", "came with the name of a variable"],
	["ACME_API_KEY: sk-right", "sk-right", "came with the name of a variable"],
	// Base64 ends with equals signs; a key of two parts may have a colon.
	["ACME_API_KEY==", "ACME_API_KEY==", undefined],
	["AB_CD:EF", "AB_CD:EF", undefined],
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
	expect(report.warnings).toEqual(["the key from variable MY_KEY came with quotes, which cc-any removed"]);
});
