import { expect, test } from "vitest";
import { commandForReference } from "../../src/profile/keys/secret-reference.ts";
import { secretsOf } from "../../src/profile/model/secrets-of.ts";
import { profileHome } from "../support/profile-home.ts";

const OWN = { endpoints: { "openai-chat": { baseUrl: "http://127.0.0.1:9/v1" } }, model: "m" };

function home(fields: object, variables: Record<string, string> = {}) {
	const made = profileHome(variables);
	made.write(".config/cc-any/profiles/own.yaml", JSON.stringify({ ...OWN, ...fields }));
	return made;
}

test("keys are read in order and named by their origin; one that is not set is left out with a warning", async () => {
	const variables = { FIRST: "sk-first-0123456789abcdef", THIRD: "sk-third-0123456789abcdef" };
	const made = home({ keys: ["env:FIRST", "env:SECOND", "env:THIRD", "sk-plain-0123456789abcdef"] }, variables);
	const { profile, report } = await made.resolveWithReport({ profile: "own" });
	expect(profile.key).toBe(variables.FIRST);
	expect(profile.keys?.map(({ name }) => name)).toEqual(["FIRST", "THIRD", "…cdef"]);
	expect(report.warnings).toEqual(["keys: SECOND is not set; the key is left out"]);
	expect(secretsOf(profile)).toEqual([variables.FIRST, variables.THIRD, "sk-plain-0123456789abcdef"]);
});

test("without any of them the error names the variables", async () => {
	await expect(home({ keys: ["env:FIRST", "env:SECOND"] }).resolve({ profile: "own" })).rejects.toThrow(/FIRST/);
});

test("--key-env is used instead of all of them", async () => {
	const made = home(
		{ keys: ["env:FIRST", "env:SECOND"] },
		{ FIRST: "1".repeat(20), SECOND: "2".repeat(20), OTHER: "other-key" },
	);
	const profile = await made.resolve({ profile: "own", keyEnv: "OTHER" });
	expect([profile.key, profile.keys]).toEqual(["other-key", undefined]);
});

test.each([
	"op://Private/DeepSeek/credential",
	"{{ op://Private/DeepSeek/credential }}",
	"vault:secret/data/deepseek#key",
	"vault://secret/deepseek",
	"aws-sm:prod/deepseek",
	"arn:aws:secretsmanager:eu-west-1:123456789012:secret:deepseek",
	"gcp-sm:projects/1/secrets/deepseek",
	"keychain:deepseek",
	"bw:deepseek",
	"doppler:DEEPSEEK",
	"!op-read-deepseek",
])("a reference is never a key: %s", async (reference) => {
	const asKey = home({ key: "env:FIRST" }, { FIRST: reference });
	await expect(asKey.resolve({ profile: "own" })).rejects.toMatchObject({
		message: expect.stringContaining("variable FIRST is a reference to a secret, not the key"),
		hint: expect.stringContaining("command:"),
	});
	const written = home({ keys: ["env:FIRST", reference] }, { FIRST: "sk-first" });
	await expect(written.resolve({ profile: "own" })).rejects.toThrow(/is a reference/);
	const inHeader = home({ keyOptional: true, headers: { "x-api-key": reference } });
	await expect(inHeader.resolve({ profile: "own" })).rejects.toThrow(/is a reference/);
});

test.each(["sk-ant-api03-abc", "AIzaSyA-1", "gsk_1:2", "Basic:dXNlcjpwYXNz", "id.secret", "eyJhbGciOi.eyJz.x-y_z"])(
	"a key is no reference: %s",
	(key) => {
		expect(commandForReference(key)).toBeUndefined();
	},
);
