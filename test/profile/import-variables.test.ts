import { describe, expect, test } from "vitest";
import { targetOf } from "../../src/profile/model/profile.ts";
import { importOverrides } from "../../src/profile/sources/import-overrides.ts";
import { profileHome, userError } from "../support/profile-home.ts";

const SETTINGS = ".claude/settings.json";
const options = { force: false, removeFromSettings: false };

/** As vendors tell their users to write it (op7418/CodePilot#474). */
const ENV = {
	ANTHROPIC_BASE_URL: "https://gateway.example/anthropic",
	ANTHROPIC_AUTH_TOKEN: "sk-in-settings-$1-0123456789",
	ANTHROPIC_MODEL: "glm-5",
	ANTHROPIC_DEFAULT_HAIKU_MODEL: "glm-5-air",
	ANTHROPIC_CUSTOM_HEADERS: "x-portkey-api-key: pk-1\nX-Team: a: $" + "{blue}\n\nno header",
};
const HEADERS = { "x-portkey-api-key": "pk-1", "x-team": "a: $" + "{blue}" };

describe("env in the user's Claude settings", () => {
	test("is named where no profile is chosen, without the key", async () => {
		const home = profileHome();
		const file = home.write(SETTINGS, JSON.stringify({ env: ENV }));
		const { message } = await userError(home.resolve());
		expect(message).toBe(
			`no profile is chosen; found ANTHROPIC_BASE_URL (gateway.example) in ${file}; run \`cc-any profiles import\` to use it`,
		);
	});

	test("becomes a private profile with key, models and headers; the settings stay", async () => {
		const home = profileHome({ ANTHROPIC_BASE_URL: "https://shell.example" });
		const text = JSON.stringify({ env: ENV });
		home.write(SETTINGS, text);
		const { name, from } = await importOverrides(options, home.environment);
		expect([name, from]).toEqual(["claude-settings", `env in ${home.home}/${SETTINGS}`]);
		expect(home.mode(".config/cc-any/profiles/claude-settings.yaml")).toBe(0o600);
		expect(home.read(SETTINGS)).toBe(text);
		const profile = await home.resolve({ profile: name });
		expect(profile.tiers).toMatchObject({ opus: "glm-5", sonnet: "glm-5", haiku: "glm-5-air" });
		expect(targetOf(profile, profile.tiers.opus)).toMatchObject({
			dialect: "anthropic",
			baseUrl: "https://gateway.example/anthropic",
			key: ENV.ANTHROPIC_AUTH_TOKEN,
			headers: HEADERS,
		});
	});

	test("of a known provider inherits its facts", async () => {
		const home = profileHome();
		const env = {
			...ENV,
			ANTHROPIC_BASE_URL: "https://api.deepseek.com/anthropic",
			ANTHROPIC_MODEL: "deepseek-v4-pro",
		};
		home.write(SETTINGS, JSON.stringify({ env }));
		const { name } = await importOverrides(options, home.environment);
		const profile = await home.resolve({ profile: name });
		expect(targetOf(profile, profile.tiers.opus)).toMatchObject({ dialect: "anthropic", contextWindow: 1_000_000 });
	});

	test.each(["echo sk-from-$WHO-1", "printf '%s' sk-from-$WHO-1"])(
		"the key of apiKeyHelper: %s",
		async (apiKeyHelper) => {
			const home = profileHome({ WHO: "helper" });
			const env = { ANTHROPIC_BASE_URL: "https://gateway.example" };
			home.write(SETTINGS, JSON.stringify({ env, apiKeyHelper }));
			const { name } = await importOverrides(options, home.environment);
			expect((await home.resolve({ profile: name })).key).toBe("sk-from-helper-1");
		},
	);

	test("without a token, or with models of Claude's own", async () => {
		const home = profileHome();
		home.write(SETTINGS, JSON.stringify({ env: { ANTHROPIC_BASE_URL: "http://gateway.example" } }));
		const { name } = await importOverrides(options, home.environment);
		const profile = await home.resolve({ profile: name });
		expect(profile.key).toBeUndefined();
		expect(profile.tiers.opus).toMatch(/^claude-opus/);
	});
});

describe("the same variables in the shell", () => {
	test("send the custom headers to the gateway, not to claude", async () => {
		const profile = await profileHome(ENV).resolve();
		expect(targetOf(profile, profile.tiers.opus).headers).toEqual(HEADERS);
	});

	test("are imported with a reference to the variable, not with the key", async () => {
		const home = profileHome(ENV);
		const { name } = await importOverrides(options, home.environment);
		expect(name).toBe("claude-environment");
		expect(home.read(".config/cc-any/profiles/claude-environment.yaml")).not.toContain("sk-in-settings");
		expect((await home.resolve({ profile: name })).key).toBe(ENV.ANTHROPIC_AUTH_TOKEN);
	});

	test("are not sent to a profile that was chosen", async () => {
		const home = profileHome({ ...ENV, KIMI_API_KEY: "sk-kimi" });
		const profile = await home.resolve({ profile: "kimi" });
		expect(JSON.stringify(targetOf(profile, profile.tiers.opus).headers)).not.toContain("portkey");
	});
});
