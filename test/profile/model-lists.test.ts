import { describe, expect, test } from "vitest";
import { keepCatalogue, keepProviderModels, readProviderModels } from "../../src/profile/sources/model-lists.ts";
import { profileHome } from "../support/profile-home.ts";

const BASE_URL = "https://own.example/v1";
const OWN = `endpoints: { openai-chat: { baseUrl: "${BASE_URL}/" } }\nkeyOptional: true\nmodel: large\n`;
const AT = Date.UTC(2026, 10, 20);

function ownHome(text = OWN) {
	const home = profileHome();
	home.write(".config/cc-any/profiles/own.yaml", text);
	return home;
}

describe("the provider's own list of models", () => {
	test("is read for its address only", () => {
		const { environment } = ownHome();
		const list = { ids: ["large"], at: AT, baseUrl: BASE_URL };
		keepProviderModels("own", list, environment);
		expect(readProviderModels("own", BASE_URL, environment)).toEqual(list);
		expect(readProviderModels("own", "https://other.example/v1", environment)).toBeUndefined();
		expect(readProviderModels("other", BASE_URL, environment)).toBeUndefined();
	});

	test("gives windows to the profile while it has that address, with their origin", async () => {
		const home = ownHome();
		const windows = { large: 50_000 };
		keepProviderModels("own", { ids: ["large"], windows, at: AT, baseUrl: BASE_URL }, home.environment);
		const { profile, report } = await home.resolveWithReport({ profile: "own" });
		expect(profile.models["large"]?.contextWindow).toBe(50_000);
		expect(report.origins()["models.large.contextWindow"]).toBe(`catalogue list of ${BASE_URL}, 2026-11-20`);
		home.write(".config/cc-any/profiles/own.yaml", OWN.replace("own.example", "moved.example"));
		expect((await home.resolve({ profile: "own" })).models["large"]).toBeUndefined();
	});

	test.each(["", "[]", "{}", '{"ids":{},"at":1}', '{"ids":[],"at":"x"}', "{"])(
		"that is damaged (%s) counts as absent",
		async (text) => {
			const home = ownHome();
			home.write(".local/state/cc-any/models/own.json", text);
			home.write(".local/state/cc-any/catalogue/own.json", text);
			expect(readProviderModels("own", BASE_URL, home.environment)).toBeUndefined();
			expect((await home.resolve({ profile: "own" })).models).toEqual({});
		},
	);
});

test("a catalogue has the lowest precedence, then the provider's list, then every file, inherited ones too", async () => {
	const home = ownHome(`${OWN}models: { large: { vision: false } }\n`);
	home.write(".config/cc-any/profiles/child.yaml", "extends: own\nmodels: { large: { thinking: none } }\n");
	const facts = { contextWindow: 10_000, maxOutput: 1000, vision: true, thinking: "always" } as const;
	const catalogue = { from: "models.dev/own", at: AT, models: { large: facts } };
	for (const name of ["own", "child"]) keepCatalogue(name, catalogue, home.environment);
	const list = { ids: ["large"], windows: { large: 20_000 }, at: AT, baseUrl: BASE_URL };
	keepProviderModels("child", list, home.environment);
	const { models } = await home.resolve({ profile: "child" });
	expect(models["large"]).toMatchObject({
		contextWindow: 20_000,
		maxOutput: 1000,
		vision: false,
		thinking: "none",
	});
});

test("what was fetched does not bring back a profile that is gone", async () => {
	const home = profileHome();
	keepProviderModels("gone", { ids: ["x"], windows: { x: 1000 }, at: AT, baseUrl: BASE_URL }, home.environment);
	await expect(home.resolve({ profile: "gone" })).rejects.toThrow("there is no profile named gone");
});

test("a config's fields do not apply to a file of the same name in another folder", async () => {
	const home = profileHome();
	home.write(".config/cc-any/config.yaml", "profile: ./team.yaml\nmodel: from-config\n");
	home.write(".config/cc-any/team.yaml", OWN);
	home.write("project/team.yaml", OWN);
	expect((await home.resolve()).tiers.opus).toBe("from-config");
	expect((await home.resolve({ profile: "./team.yaml" })).tiers.opus).toBe("large");
});
