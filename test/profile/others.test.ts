import { describe, expect, test } from "vitest";
import { destinationOf } from "../../src/profile/model/profile.ts";
import { profileHome, userError } from "../support/profile-home.ts";
import { sampleProfile } from "../support/sample-profile.ts";

const KEYS = { KIMI_API_KEY: "sk-kimi", DEEPSEEK_API_KEY: "sk-deepseek" };

describe("also", () => {
	test("resolves the profiles with their own keys, and not what these name themselves", async () => {
		const home = profileHome({ ...KEYS, ZAI_API_KEY: "sk-zai" });
		home.write(".config/cc-any/profiles/kimi.yaml", "also: [deepseek, z]\n");
		home.write(".config/cc-any/profiles/deepseek.yaml", "also: [kimi]\nfallback: [kimi]\n");
		home.write(".config/cc-any/profiles/z.yaml", "extends: glm\n");
		const { others = [] } = await home.resolve({ profile: "kimi" });
		expect(others.map(({ name, key }) => [name, key])).toEqual([
			["deepseek", "sk-deepseek"],
			["z", "sk-zai"],
		]);
		expect(others[0]?.others ?? others[0]?.fallbacks).toBeUndefined();
	});

	test.each(["also", "fallback"])("an address in a variable is not that of a profile under %s", async (field) => {
		const home = profileHome({ ...KEYS, CC_ANY_BASE_URL: "http://127.0.0.1:9/v1", CC_ANY_MODEL: "own" });
		home.write(".config/cc-any/profiles/kimi.yaml", `${field}: [deepseek]\n`);
		const { others = [], fallbacks = [] } = await home.resolve({ profile: "kimi" });
		const [named] = [...fallbacks.map(({ profile }) => profile), ...others];
		expect(JSON.stringify(named?.endpoints)).not.toContain("127.0.0.1");
		expect(named?.tiers.opus).not.toBe("own");
	});

	test("the error for a misspelt name says which field has it", async () => {
		const home = profileHome(KEYS);
		home.write(".config/cc-any/profiles/kimi.yaml", "also: [deepsek]\n");
		const error = await userError(home.resolve({ profile: "kimi" }));
		expect(error.message).toBe("profile kimi: also deepsek: there is no profile named deepsek");
		expect(error.hint).toContain("did you mean deepseek?");
	});
});

describe("what an id means", () => {
	const profile = sampleProfile({ others: [sampleProfile({ name: "a" }), sampleProfile({ name: "ab" })] });
	test.each([
		["a/sample-small", ["a", "sample-small"]],
		["ab/of/two parts", ["ab", "of/two parts"]],
		["ab", ["ab", "sample-large"]],
		["a/", ["a", "sample-large"]],
		["abc/x", undefined],
		["sample-large", undefined],
		["claude-opus-4-8", undefined],
	])("%s", (id, expected) => {
		const found = destinationOf(profile, id);
		expect(found && [found.profile.name, found.model]).toEqual(expected);
	});
});
