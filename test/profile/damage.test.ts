import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UserError } from "../../src/platform/user-error.ts";
import { parseSource } from "../../src/profile/documents/parse-source.ts";
import { validate } from "../../src/profile/documents/validate.ts";
import { ConfigFileSchema, ProfileFileSchema } from "../../src/profile/model/schema.ts";
import { mutate, seeded } from "../support/mutate-json.ts";
import { profileHome, userError } from "../support/profile-home.ts";

/** Reads text as a profile and as a config; anything but success or an error for the user fails the test. */
async function survives(text: string, file: string): Promise<void> {
	for (const schema of [ProfileFileSchema, ConfigFileSchema]) {
		try {
			validate(schema, await parseSource(text, file));
		} catch (error) {
			if (!(error instanceof UserError)) throw error;
			expect(error.message).toContain(file);
		}
	}
}

const GOOD = `name: own
key: [env:A, "\${B}"]
endpoints: { anthropic: { baseUrl: https://x, auth: { header: x-api-key, value: "{key}" } } }
models:
  m: { price: { input: 1 }, efforts: [low] }
quirks: { maxTools: { value: 3, why: a, source: b } }
`;

describe("no text makes reading a file crash", () => {
	test.each(["a.yaml", "a.json", "a.toml", "noextension"])("any text as %s", async (file) => {
		await fc.assert(
			fc.asyncProperty(fc.string({ unit: "binary", maxLength: 60 }), (text) => survives(text, file)),
			{ numRuns: 150 },
		);
	});

	test("a good file with any piece cut out", async () => {
		for (let start = 0; start < GOOD.length; start += 3) {
			for (const length of [1, 7, 40]) await survives(GOOD.slice(0, start) + GOOD.slice(start + length), "a.yaml");
		}
	});

	test("10,000 mutants of a good file", { timeout: 120_000 }, async () => {
		const random = seeded(23);
		const good = (await parseSource(GOOD, "a.yaml")).value as object;
		for (let count = 0; count < 10_000; count++) await survives(JSON.stringify(mutate(good, random)), "a.json");
	});

	test("any JSON value as any field", async () => {
		const field = fc.constantFrom(...Object.keys(ConfigFileSchema.entries));
		await fc.assert(
			fc.asyncProperty(field, fc.jsonValue({ maxDepth: 3 }), (name, value) =>
				survives(JSON.stringify({ [name]: value }), "a.json"),
			),
			{ numRuns: 300 },
		);
	});

	test.each([
		[
			"an alias bomb",
			`a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefghij"
				.split("")
				.map((name, index) => `${name}: &${name} [${Array(9).fill(`*${"abcdefghij"[index]}`)}]`)
				.join("\n")}\n`,
		],
		["an alias to nothing", "tiers: *none\n"],
		["an alias to itself", "a: &a { b: *a }\n"],
		["keys that are no text", "? [a, b]\n: c\n1: d\n"],
		["names that JavaScript knows", "models: { __proto__: { vision: false }, constructor: { vision: 3 } }\n"],
		["a tagged value", "name: !!binary aGk=\ntitle: !unknown x\n"],
		["two documents", "name: a\n---\nname: b\n"],
	])("%s", async (_what, text) => {
		await survives(text, "a.yaml");
		expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain("vision");
	});
});

test("the error of a broken user config comes before anything is chosen", async () => {
	const home = profileHome({ KIMI_API_KEY: "sk" });
	home.write(".config/cc-any/config.yaml", "profile: [\n");
	expect((await userError(home.resolve({ profile: "kimi" }))).message).toContain("config.yaml:");
});

test.each([
	["[low, high, max]", { low: "low", medium: "high", high: "high", xhigh: "high", max: "max" }],
	["[high, max]", { low: "high", medium: "high", high: "high", xhigh: "high", max: "max" }],
	["[low, medium, xhigh]", { low: "low", medium: "medium", high: "medium", xhigh: "xhigh", max: "xhigh" }],
	["[low, medium, high]", { low: "low", medium: "medium", high: "high", xhigh: "high", max: "high" }],
])("efforts %s", async (efforts, effortValues) => {
	const home = profileHome({ OWN: "sk" });
	const file = home.write("own.yaml", `extends: deepseek\nkey: env:OWN\nmodels: { m: { efforts: ${efforts} } }\n`);
	expect((await home.resolve({ profile: file })).models["m"]?.quirks).toEqual({ effortValues });
});
