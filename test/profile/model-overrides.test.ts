import { describe, expect, test } from "vitest";
import { removeMembers } from "../../src/profile/documents/json-document.ts";
import { targetOf } from "../../src/profile/model/profile.ts";
import { importOverrides } from "../../src/profile/sources/import-overrides.ts";
import { profileHome, userError } from "../support/profile-home.ts";

/** The block as people paste it. */
const VERBATIM = `{"modelOverrides":{"claude-sonnet-4-20250514":{"provider":"openai-compatible","baseURL":"https://api.novapai.ai/router/v1","apiKey":"$\{NOVAPAI_API_KEY}","model":"deepseek-v4-pro"}}}`;
const SETTINGS = ".claude/settings.json";
const TWO = JSON.stringify({
	modelOverrides: {
		"claude-opus-4-20250514": {
			provider: "anthropic-compatible",
			baseURL: "https://a.example/anthropic/v1",
			apiKey: "sk-a",
			model: "big",
		},
		"claude-3-5-haiku-latest": {
			provider: "openai-compatible",
			baseURL: "https://b.example/v1",
			apiKey: "$" + "{B_KEY}",
			model: "small",
		},
		"claude-3-5-sonnet": { provider: "openai-compatible", baseURL: "https://c.example/v1", model: "free" },
	},
});

describe("a pasted modelOverrides block is the profile when none is named", () => {
	test.each([SETTINGS, ".config/cc-any/config.json"])("verbatim in %s", async (path) => {
		const home = profileHome({ NOVAPAI_API_KEY: "sk-nova" });
		const file = home.write(path, VERBATIM);
		const { profile, report } = await home.resolveWithReport();
		expect(targetOf(profile, profile.tiers.sonnet)).toMatchObject({
			dialect: "openai-chat",
			baseUrl: "https://api.novapai.ai/router/v1",
			key: "sk-nova",
			model: "deepseek-v4-pro",
			// From the built-in profile of the provider.
			contextWindow: 1_000_000,
			quirks: { reasoningRequired: "tool-calls" },
		});
		expect(new Set(Object.values(profile.tiers))).toEqual(new Set(["deepseek-v4-pro"]));
		expect(report.origins()["key"]).toContain(`${file}:1`);
	});

	test("the error names its variable", async () => {
		const home = profileHome();
		home.write(SETTINGS, VERBATIM);
		expect((await userError(home.resolve())).message).toContain("needs the variable NOVAPAI_API_KEY");
	});

	test("entries of several providers, each with its own address and key", async () => {
		const home = profileHome({ B_KEY: "sk-b" });
		home.write(SETTINGS, TWO);
		const profile = await home.resolve();
		expect(profile.tiers).toEqual({ opus: "big", sonnet: "free", haiku: "small", fable: "big", subagent: "big" });
		const targets = [profile.tiers.opus, profile.tiers.haiku, profile.tiers.sonnet].map((id) => targetOf(profile, id));
		expect(targets).toMatchObject([
			{ dialect: "anthropic", baseUrl: "https://a.example/anthropic", key: "sk-a" },
			{ dialect: "openai-chat", baseUrl: "https://b.example/v1", key: "sk-b" },
			// It has no key: none is sent, least of all another provider's.
			{ dialect: "openai-chat", baseUrl: "https://c.example/v1", key: undefined },
		]);
	});

	test("a mistake in it names file, line, field and what is allowed", async () => {
		const home = profileHome();
		const file = home.write(
			SETTINGS,
			VERBATIM.replace("openai-compatible", "openai").replace('{"claude', '{\n"claude'),
		);
		const error = await userError(home.resolve());
		expect(error.message).toBe(
			`${file}:2: modelOverrides.claude-sonnet-4-20250514.provider: "openai" is not allowed; allowed: openai-compatible, anthropic-compatible`,
		);
	});

	test("Claude Code's own text entries are left to it", async () => {
		const home = profileHome({ KIMI_API_KEY: "sk" });
		home.write(SETTINGS, '{"modelOverrides":{"claude-opus-4-8":"deepseek-x"}}');
		expect((await userError(home.resolve())).message).toBe("no profile is chosen");
		expect((await home.resolveWithReport({ profile: "kimi" })).report.warnings).toEqual([]);
	});
});

describe("warnings before the start", () => {
	test("that Claude Code drops the whole settings file, whatever profile runs", async () => {
		const home = profileHome({ KIMI_API_KEY: "sk", NOVAPAI_API_KEY: "sk" });
		const file = home.write(SETTINGS, VERBATIM);
		const [warning] = (await home.resolveWithReport({ profile: "kimi" })).report.warnings;
		expect(warning).toContain(`${file} has a modelOverrides block that Claude Code does not understand`);
		expect(warning).toContain("ignores that whole file, hooks and permission rules included");
		expect(warning).toContain("cc-any profiles import --remove-from-settings");
		expect((await home.resolveWithReport()).report.warnings).toHaveLength(1);
	});

	test("that a settings file is damaged, without failing", async () => {
		const home = profileHome({ KIMI_API_KEY: "sk" });
		home.write(SETTINGS, '{"modelOverrides": {');
		const { report } = await home.resolveWithReport({ profile: "kimi" });
		expect(report.warnings).toEqual([expect.stringMatching(/settings\.json:1: not valid JSON/)]);
	});

	test("CLAUDE_CONFIG_DIR is where the settings are looked for", async () => {
		const home = profileHome({ KIMI_API_KEY: "sk" });
		home.write("moved/settings.json", VERBATIM);
		home.env["CLAUDE_CONFIG_DIR"] = `${home.home}/moved`;
		expect((await home.resolveWithReport({ profile: "kimi" })).report.warnings).toHaveLength(1);
	});
});

describe("import", () => {
	const options = { name: "nova", force: false, removeFromSettings: false };

	test.skipIf(process.platform === "win32")(
		"writes a private profile that works like the block, and does not change the settings",
		async () => {
			const home = profileHome({ NOVAPAI_API_KEY: "sk-nova" });
			home.write(SETTINGS, VERBATIM);
			const before = await home.resolve();
			const { profile } = await importOverrides(options, home.environment);
			expect(profile).toBe(`${home.home}/.config/cc-any/profiles/nova.yaml`);
			expect(home.mode(".config/cc-any/profiles/nova.yaml")).toBe(0o600);
			expect(home.read(".config/cc-any/profiles/nova.yaml")).not.toContain("sk-nova");
			expect(home.read(SETTINGS)).toBe(VERBATIM);
			const after = await home.resolve({ profile: "nova" });
			const from = targetOf(before, before.tiers.sonnet);
			expect(targetOf(after, after.tiers.sonnet)).toEqual({ ...from, profile: "nova", isAddress: undefined });
		},
	);

	test("overwrites nothing unless forced", async () => {
		const home = profileHome({ NOVAPAI_API_KEY: "sk" });
		home.write(SETTINGS, VERBATIM);
		home.write(".config/cc-any/profiles/nova.yaml", "title: mine\n");
		expect((await userError(importOverrides(options, home.environment))).hint).toContain("--force");
		expect(home.read(".config/cc-any/profiles/nova.yaml")).toBe("title: mine\n");
		await importOverrides({ ...options, force: true }, home.environment);
		expect(home.read(".config/cc-any/profiles/nova.yaml")).toContain("novapai");
	});

	test.skipIf(process.platform === "win32")(
		"removes the block only on request, with a backup, and changes no other byte",
		async () => {
			const home = profileHome();
			const rest = '{\r\n\t"hooks" : { "a": [1,2 ] },\r\n\t"permissions": {"allow":["Bash(ls:*)"]}\r\n}\r\n';
			const block = JSON.parse(VERBATIM).modelOverrides as object;
			const text = rest.replace(
				'\t"permissions"',
				`\t"modelOverrides": ${JSON.stringify(block, undefined, 4)},\r\n\t"permissions"`,
			);
			home.write(SETTINGS, text);
			home.chmod(SETTINGS, 0o640);
			const { backup } = await importOverrides({ ...options, removeFromSettings: true }, home.environment);
			expect(home.read(SETTINGS)).toBe(rest);
			expect(home.mode(SETTINGS)).toBe(0o640);
			expect(backup).toBe(`${home.home}/${SETTINGS}.before-cc-any`);
			expect(home.read(`${SETTINGS}.before-cc-any`)).toBe(text);
		},
	);

	test("keeps Claude Code's own entries of the block", async () => {
		const home = profileHome();
		const entry = JSON.stringify(JSON.parse(VERBATIM).modelOverrides["claude-sonnet-4-20250514"]);
		home.write(SETTINGS, `{"modelOverrides":{"claude-opus-4-8":"x","claude-sonnet-4":${entry}},"model":"opus"}`);
		await importOverrides({ ...options, removeFromSettings: true }, home.environment);
		expect(home.read(SETTINGS)).toBe('{"modelOverrides":{"claude-opus-4-8":"x"},"model":"opus"}');
	});

	test("without a block says so", async () => {
		expect((await userError(importOverrides(options, profileHome().environment))).message).toContain(
			"no modelOverrides block",
		);
	});
});

test.each([
	['{"m":{"a":1}}', ["a"], "{}"],
	['{"m":{"a":1},"z":2}', ["a"], '{"z":2}'],
	['{"z":2, "m":{"a":1}}', ["a"], '{"z":2}'],
	['{ "m": { "a": {"b": "},"} , "c": 3 } }', ["a"], '{ "m": { "c": 3 } }'],
	['{ "m": { "c": 3, "a": 1 } }', ["a"], '{ "m": { "c": 3 } }'],
	['{\n  "m": { "a": 1, "b": 2 },\n  "m2": {}\n}\n', ["a", "b"], '{\n  "m2": {}\n}\n'],
])("removeMembers: %s", (text, names, expected) => {
	expect(removeMembers(text, "m", names)).toBe(expected);
});

test.each([
	[
		"a key that is there twice",
		'{"m":{"a":1},"m":{"a":2,"b":3}}',
		"could not be removed without changing something else",
	],
	["text that is not JSON", '{"m":{"a":1},}', "JSON"],
	["a list", "[1]", "not a JSON object"],
])("removeMembers refuses %s", (_what, text, message) => {
	expect(() => removeMembers(text, "m", ["a"])).toThrow(message);
});
