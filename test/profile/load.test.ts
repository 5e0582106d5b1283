import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { userShell } from "../../src/platform/shell.ts";
import { modelOf, targetOf } from "../../src/profile/model/profile.ts";
import { profileHome, userError } from "../support/profile-home.ts";

const ref = (inner: string) => `$\{${inner}}`;
const OWN = `
endpoints: { openai-chat: { baseUrl: https://own.example/v1 } }
key: env:OWN_KEY
tiers: { opus: big, haiku: small }
models: { big: { contextWindow: 1000, aliases: [grand] } }
`;
const userProfile = (name: string) => `.config/cc-any/profiles/${name}.yaml`;

describe("what is chosen when several things name a profile", () => {
	const everywhere = () => {
		const home = profileHome({
			CC_ANY_PROFILE: "groq",
			ANTHROPIC_BASE_URL: "https://gateway.example",
			ANTHROPIC_API_KEY: "sk-a",
			GROQ_API_KEY: "sk-g",
			KIMI_API_KEY: "sk-k",
			MISTRAL_API_KEY: "sk-m",
			XAI_API_KEY: "sk-x",
		});
		home.write("project/.cc-anyrc", "profile: kimi\n");
		home.write(".config/cc-any/config.yaml", "profile: mistral\n");
		home.write(".claude/settings.json", JSON.stringify({ modelOverrides: { "claude-opus-4-8": OVERRIDE } }));
		return home;
	};
	const OVERRIDE = { provider: "openai-compatible", baseURL: "https://pasted.example/v1", apiKey: "sk-o", model: "m" };

	test("in this order", async () => {
		const home = everywhere();
		expect((await home.resolve({ profile: "xai" })).name).toBe("xai");
		expect((await home.resolve({ baseUrl: "http://localhost:1/v1", model: "m" })).name).toBe("custom");
		expect((await home.resolve()).name).toBe("groq");
		home.env["CC_ANY_PROFILE"] = "";
		expect((await home.resolve()).name).toBe("kimi");
		home.write("project/.cc-anyrc", "");
		expect((await home.resolve()).name).toBe("mistral");
		home.write(".config/cc-any/config.yaml", "");
		expect((await home.resolve()).name).toBe("model-overrides");
		home.write(".claude/settings.json", "{}");
		expect((await home.resolve()).name).toBe("environment");
		home.env["ANTHROPIC_BASE_URL"] = "";
		const error = await userError(home.resolve());
		expect(error.message).toBe("no profile is chosen");
		expect(error.hint).toContain("cc-any profiles");
	});

	test("names are exact, also where the file system ignores the case: the config for `deepseek` has to apply", async () => {
		const home = profileHome();
		home.write(userProfile("mine"), "model: m\n");
		for (const [given, name] of [
			["DeepSeek", "deepseek"],
			["MINE", "mine"],
		] as const) {
			const error = await userError(home.resolve({ profile: given }));
			expect(error.message).toBe(`there is no profile named ${given}`);
			expect(error.hint).toContain(`did you mean ${name}?`);
		}
	});

	test("an unknown name gets the nearest known one", async () => {
		const error = await userError(profileHome().resolve({ profile: "kimy" }));
		expect(error).toMatchObject({ message: "there is no profile named kimy", exitCode: 78 });
		expect(error.hint).toContain("did you mean kimi?");
		// "demo" has fewer other letters.
		expect((await userError(profileHome().resolve({ profile: "deep" }))).hint).toContain("did you mean deepseek?");
	});
});

describe("which value wins", () => {
	const layered = () => {
		const home = profileHome({ KIMI_API_KEY: "sk-k" });
		home.write(userProfile("kimi"), "title: from profile file\ntiers: { opus: p, sonnet: p, haiku: p, fable: p }\n");
		home.write(
			".config/cc-any/config.yaml",
			"profile: kimi\ntitle: from user\ntiers: { sonnet: u, haiku: u, fable: u }\n",
		);
		home.write("project/cc-any.config.yaml", "profile: kimi\ntiers:\n  haiku: j\n  fable: j\n");
		return home;
	};

	test("flags, variables, project, user, built-in, and each value has its origin", async () => {
		const home = layered();
		const { profile, report } = await home.resolveWithReport();
		expect(profile.tiers).toEqual({ opus: "p", sonnet: "u", haiku: "j", fable: "j", subagent: "p" });
		expect(profile.title).toBe("from user");
		expect(profile.endpoints.anthropic?.baseUrl).toBe("https://api.moonshot.ai/anthropic");
		const origins = report.origins();
		expect(origins["tiers.opus"]).toBe(`user ${join(home.home, userProfile("kimi"))}:2`);
		expect(origins["tiers.sonnet"]).toBe(`user ${join(home.home, ".config/cc-any/config.yaml")}:3`);
		expect(origins["tiers.haiku"]).toBe(`project ${join(home.project, "cc-any.config.yaml")}:3`);
		expect(origins["endpoints.anthropic.baseUrl"]).toMatch(/^built-in profiles\/kimi\.yaml:\d+$/);

		home.env["CC_ANY_MODEL"] = "v";
		home.env["CC_ANY_REGION"] = "cn";
		const { profile: varied, report: variedReport } = await home.resolveWithReport();
		expect(new Set(Object.values(varied.tiers))).toEqual(new Set(["v"]));
		expect(varied.endpoints.anthropic?.baseUrl).toBe("https://api.moonshot.cn/anthropic");
		expect(variedReport.origins()["tiers.opus"]).toBe("variable CC_ANY_MODEL");

		home.env["MINE"] = "sk-mine";
		const flagged = await home.resolve({ model: "f", baseUrl: "https://f.example/anthropic/", keyEnv: "MINE" });
		expect(flagged.name).toBe("custom");
		const { profile: named, report: namedReport } = await home.resolveWithReport({
			profile: "kimi",
			baseUrl: "https://f.example/anthropic/",
			keyEnv: "MINE",
			dialect: "anthropic",
		});
		expect(named).toMatchObject({ name: "kimi", key: "sk-mine" });
		expect(namedReport.keyOrigin).toEqual({ kind: "variable", names: ["MINE"] });
		expect(named.endpoints.anthropic?.baseUrl).toBe("https://f.example/anthropic");
		expect(namedReport.origins()).toMatchObject({
			"endpoints.anthropic.baseUrl": "flag --base-url",
			key: "flag --key-env",
		});
	});

	test("variables belong to the profile that they name", async () => {
		const home = profileHome({
			CC_ANY_PROFILE: "groq",
			CC_ANY_BASE_URL: "https://groq-mirror.example/v1",
			CC_ANY_KEY_ENV: "GROQ_API_KEY",
			GROQ_API_KEY: "sk-groq",
			KIMI_API_KEY: "sk-kimi",
		});
		const kimi = await home.resolve({ profile: "kimi" });
		expect(kimi.key).toBe("sk-kimi");
		expect(JSON.stringify(kimi)).not.toContain("groq");
		expect((await home.resolve()).endpoints["openai-chat"]?.baseUrl).toBe("https://groq-mirror.example/v1");
	});

	test("the top of a config file belongs to the profile that the file names", async () => {
		const home = profileHome({ DEEPSEEK_API_KEY: "sk-d", KIMI_API_KEY: "sk-k" });
		home.write(
			".config/cc-any/config.yaml",
			"profile: deepseek\nkey: sk-literal\nendpoints: { anthropic: { baseUrl: https://mirror.example } }\n",
		);
		expect(await home.resolve()).toMatchObject({ name: "deepseek", key: "sk-literal" });
		expect(await home.resolve({ profile: "kimi" })).toMatchObject({ key: "sk-k" });
	});

	test("values without a profile to belong to are an error", async () => {
		const home = profileHome();
		home.write(".config/cc-any/config.yaml", "key: env:X\n");
		expect((await userError(home.resolve())).message).toContain(
			"config.yaml: key is set, but the file names no profile",
		);
	});

	test("--dialect chooses among a profile's endpoints, and is checked", async () => {
		const home = profileHome({ DEEPSEEK_API_KEY: "sk-d" });
		expect((await home.resolve({ profile: "deepseek", dialect: "openai-chat" })).dialect).toBe("openai-chat");
		const unknown = await userError(home.resolve({ profile: "deepseek", dialect: "openai" }));
		expect(unknown.message).toBe(
			"--dialect: openai is not a dialect; allowed: openai-chat, anthropic, openai-responses, gemini",
		);
		home.env["GROQ_API_KEY"] = "sk-g";
		const absent = await userError(home.resolve({ profile: "groq", dialect: "anthropic" }));
		expect(absent.message).toBe("profile groq has no anthropic endpoint; it has openai-chat");
	});
});

describe("the user's own profiles", () => {
	test("by name, by alias, by file", async () => {
		const home = profileHome({ OWN_KEY: "sk-own" });
		home.write(userProfile("own"), `aliases: [mine]\n${OWN}`);
		const file = home.write("elsewhere/other.yaml", OWN);
		home.write("project/near.json", JSON.stringify({ name: "near", extends: "own" }));
		for (const [profile, name] of [
			["own", "own"],
			["mine", "own"],
			[file, "other"],
			["./near.json", "near"],
		] as const) {
			expect(await home.resolveWithReport({ profile })).toMatchObject({
				profile: { name, key: "sk-own", dialect: "openai-chat" },
				report: { status: "user" },
			});
		}
	});

	test("missing tiers are filled, aliases become ids, unknown models pass", async () => {
		const home = profileHome({ OWN_KEY: "sk-own" });
		home.write(userProfile("own"), OWN.replace("opus: big", "opus: grand"));
		const profile = await home.resolve({ profile: "own" });
		expect(profile.tiers).toEqual({ opus: "big", sonnet: "big", haiku: "small", fable: "big", subagent: "big" });
		expect(modelOf(profile, "grand").id).toBe("big");
		expect(targetOf(profile, "never-heard-of")).toMatchObject({ model: "never-heard-of", contextWindow: undefined });
	});

	test("a [1m] selector is cut from a tier, with a warning", async () => {
		const home = profileHome({ DEEPSEEK_API_KEY: "sk-d" });
		home.write(".config/cc-any/config.toml", 'profile = "deepseek"\n[tiers]\nopus = "deepseek-flash[1m]"\n');
		const { profile, report } = await home.resolveWithReport();
		expect(profile.tiers.opus).toBe("deepseek-flash");
		expect(report.warnings).toEqual([expect.stringContaining("[1m]")]);
	});

	test("extends: values are inherited and overridden, names are not", async () => {
		const home = profileHome({ DEEPSEEK_API_KEY: "sk-d", WORK: "work.example" });
		home.write(userProfile("base"), `extends: deepseek\nheaders: { x-team: "${ref("TEAM:-none")}" }\n`);
		home.write(
			userProfile("work"),
			`extends: base\nendpoints: { anthropic: { baseUrl: "https://${ref("WORK")}/anthropic" } }\nquirks: { maxTools: 9 }\n`,
		);
		const { profile, report } = await home.resolveWithReport({ profile: "work" });
		expect(report).toMatchObject({ status: "user", aliases: [] });
		expect(profile).toMatchObject({ name: "work", headers: { "x-team": "none" } });
		expect(targetOf(profile, profile.tiers.opus)).toMatchObject({
			baseUrl: "https://work.example/anthropic",
			model: "deepseek-v4-pro",
			quirks: { maxTools: 9, countTokens: true },
		});
		expect((await userError(home.resolve({ profile: "depseek" }))).hint).toContain("deepseek");
	});

	test("extends in a circle is an error", async () => {
		const home = profileHome();
		home.write(userProfile("a"), "extends: b\n");
		home.write(userProfile("b"), "extends: a\n");
		expect((await userError(home.resolve({ profile: "a" }))).message).toBe("profile a extends itself: a → b → a");
	});

	test("a missing variable names profile, field and variable", async () => {
		const home = profileHome({ OWN_KEY: "sk" });
		home.write(userProfile("own"), `${OWN}headers: { x-team: "${ref("TEAM")}" }\n`);
		expect(await userError(home.resolve({ profile: "own" }))).toMatchObject({
			message: "profile own: headers.x-team needs the variable TEAM, which is not set",
			hint: userShell.set("TEAM", "..."),
		});
	});

	test("the error for a missing key names its variables and the field", async () => {
		expect(await userError(profileHome().resolve({ profile: "kimi" }))).toMatchObject({
			message: expect.stringMatching(
				/^profile kimi: key needs the variable MOONSHOT_API_KEY or KIMI_API_KEY, which is not set \(built-in profiles\/kimi\.yaml:\d+\)$/,
			),
			hint: `${userShell.set("MOONSHOT_API_KEY", "...")}   or store it: cc-any keys set MOONSHOT_API_KEY`,
		});
	});

	test("a file that is not there", async () => {
		expect((await userError(profileHome().resolve({ profile: "./none.yaml" }))).message).toMatch(
			/none\.yaml cannot be read \(ENOENT\)/,
		);
	});
});

describe("regions", () => {
	test("a region replaces the endpoints, and keeps their quirks", async () => {
		const home = profileHome({ DASHSCOPE_API_KEY: "sk" });
		const { profile: plan, report } = await home.resolveWithReport({ profile: "qwen", region: "coding-plan" });
		expect(plan.dialect).toBe("openai-chat");
		expect(report.region).toBe("coding-plan");
		expect(Object.keys(plan.endpoints)).toEqual(["openai-chat"]);
		expect(plan.endpoints["openai-chat"]).toMatchObject({
			baseUrl: "https://coding-intl.dashscope.aliyuncs.com/v1",
			quirks: { thinkingBudgetField: "thinking_budget" },
		});
		expect(report.origins()["endpoints.openai-chat.baseUrl"]).toMatch(/^built-in profiles\/qwen\.yaml:\d+$/);
	});

	test("an unknown region lists those that there are", async () => {
		const home = profileHome({ KIMI_API_KEY: "sk" });
		expect((await userError(home.resolve({ profile: "kimi", region: "us" }))).message).toBe(
			"profile kimi has no region us; it has cn",
		);
	});
});

describe("an address without a profile", () => {
	test("every tier gets the model, the dialect is guessed, a pasted path is removed and reported", async () => {
		const home = profileHome();
		const { profile, report } = await home.resolveWithReport({
			baseUrl: "http://localhost:8000/v1/chat/completions/",
			model: "qwen3-coder",
		});
		expect(profile).toMatchObject({ dialect: "openai-chat", key: undefined });
		expect(report.status).toBe("user");
		expect(new Set(Object.values(profile.tiers))).toEqual(new Set(["qwen3-coder"]));
		expect(profile.endpoints["openai-chat"]?.baseUrl).toBe("http://localhost:8000/v1");
		expect(report.warnings).toEqual([expect.stringContaining("/chat/completions was removed")]);
	});

	test.each([
		["https://x.example/anthropic", "anthropic", "https://x.example/anthropic"],
		["https://x.example/anthropic/v1/messages", "anthropic", "https://x.example/anthropic"],
		["https://x.example/anthropic/v1/", "anthropic", "https://x.example/anthropic"],
		["https://x.example/v1/messages", "anthropic", "https://x.example"],
		["https://x.example/v1/responses", "openai-responses", "https://x.example/v1"],
		["https://x.example/v1beta/models/m:generateContent", "gemini", "https://x.example/v1beta"],
		["https://x.example/v1", "openai-chat", "https://x.example/v1"],
		["https://x.example/", "openai-chat", "https://x.example"],
	] as const)("%s is %s at %s", async (baseUrl, dialect, cut) => {
		const profile = await profileHome().resolve({ baseUrl, model: "m" });
		expect(profile.dialect).toBe(dialect);
		expect(profile.endpoints[dialect]?.baseUrl).toBe(cut);
	});

	test("a known provider's address brings that provider's quirks, models and key", async () => {
		const home = profileHome({ DEEPSEEK_API_KEY: "sk-d" });
		const profile = await home.resolve({ baseUrl: "https://api.deepseek.com/v1", model: "deepseek-v4-pro" });
		expect(profile).toMatchObject({ name: "custom", key: "sk-d", dialect: "openai-chat" });
		expect(targetOf(profile, profile.tiers.haiku)).toMatchObject({
			baseUrl: "https://api.deepseek.com/v1",
			quirks: { reasoningRequired: "tool-calls" },
			contextWindow: 1_000_000,
		});
	});

	test("a host that only looks like a known one gets no key", async () => {
		const home = profileHome({ DEEPSEEK_API_KEY: "sk-d" });
		for (const host of ["api.deepseek.com.evil.example", "evil.example/api.deepseek.com", "api.deepseek.co"]) {
			expect((await home.resolve({ baseUrl: `https://${host}/v1`, model: "m" })).key).toBeUndefined();
		}
	});

	test("mistakes", async () => {
		const home = profileHome();
		expect((await userError(home.resolve({ baseUrl: "http://localhost:8000/v1" }))).message).toContain("needs a model");
		expect((await userError(home.resolve({ baseUrl: "localhost:8000", model: "m" }))).message).toContain(
			"is not a URL with http or https",
		);
		expect((await userError(home.resolve({ baseUrl: "http://x/v1#part", model: "m" }))).message).toContain(
			"has a fragment",
		);
		expect((await userError(home.resolve({ baseUrl: "http://u:p@x/v1", model: "m" }))).message).not.toContain("u:p");
		expect((await userError(home.resolve({ baseUrl: "http://x/v1", model: "m", keyEnv: "NONE" }))).hint).toBe(
			`${userShell.set("NONE", "...")}   or store it: cc-any keys set NONE`,
		);
		const key = await userError(home.resolve({ baseUrl: "http://x/v1", model: "m", keyEnv: "sk-pasted-1" }));
		expect(`${key.message}${key.hint}`).not.toContain("sk-pasted-1");
	});

	test("CC_ANY_BASE_URL takes the model of the command line", async () => {
		const home = profileHome({ CC_ANY_BASE_URL: "http://localhost:8000/v1" });
		expect((await home.resolve({ model: "m" })).tiers.opus).toBe("m");
	});

	test("CC_ANY_BASE_URL, CC_ANY_MODEL, CC_ANY_DIALECT and CC_ANY_KEY_ENV do the same", async () => {
		const home = profileHome({
			CC_ANY_BASE_URL: "http://localhost:9/x",
			CC_ANY_MODEL: "m",
			CC_ANY_DIALECT: "anthropic",
			CC_ANY_KEY_ENV: "K",
			K: "sk-k",
		});
		expect(await home.resolve()).toMatchObject({ dialect: "anthropic", key: "sk-k", tiers: { haiku: "m" } });
	});
});

describe("ANTHROPIC_BASE_URL of the user's environment", () => {
	test.each([
		["ANTHROPIC_API_KEY", { header: "x-api-key", value: "{key}" }],
		["ANTHROPIC_AUTH_TOKEN", { header: "authorization", value: "Bearer {key}" }],
	])("with %s", async (variable, auth) => {
		const home = profileHome({ ANTHROPIC_BASE_URL: "https://gateway.example/", [variable]: "sk-gw" });
		const profile = await home.resolve();
		expect(targetOf(profile, profile.tiers.sonnet)).toMatchObject({
			baseUrl: "https://gateway.example",
			dialect: "anthropic",
			key: "sk-gw",
			auth,
			model: "claude-sonnet-5-5",
		});
	});

	test("the model variables are used, Claude Code's aliases are not model names", async () => {
		const home = profileHome({
			ANTHROPIC_BASE_URL: "https://gateway.example",
			ANTHROPIC_AUTH_TOKEN: "sk-gw",
			ANTHROPIC_MODEL: "opusplan",
			ANTHROPIC_DEFAULT_SONNET_MODEL: "glm-x",
		});
		expect((await home.resolve()).tiers).toMatchObject({ opus: "claude-opus-5-5", sonnet: "glm-x" });
	});

	test("without a key it chooses nothing", async () => {
		const home = profileHome({ ANTHROPIC_BASE_URL: "https://gateway.example" });
		expect((await userError(home.resolve())).message).toBe("no profile is chosen");
	});
});

test.each([
	["true", "false", true],
	["false", "true", false],
	[undefined, "true", true],
	[undefined, undefined, false],
])("checkReminder: the user says %s, the project %s", async (own, project, expected) => {
	const home = profileHome({ KIMI_API_KEY: "sk" });
	if (own) home.write(".config/cc-any/config.yaml", `profile: kimi\ncheckReminder: ${own}\n`);
	if (project) home.write("project/cc-any.config.yaml", `profile: kimi\ncheckReminder: ${project}\n`);
	expect((await home.resolveWithReport({ profile: "kimi" })).report.checkReminder).toBe(expected);
});

test("a profile needs no key if every tier's model has its own", async () => {
	const home = profileHome({ A_KEY: "sk-a" });
	const models = "models: { a: { key: env:A_KEY }, b: { key: env:B_KEY } }";
	const profile = (tiers: string) =>
		`endpoints: { openai-chat: { baseUrl: "https://x.example/v1" } }\n${models}\n${tiers}\n`;
	home.write(userProfile("own"), profile("model: a"));
	expect((await home.resolve({ profile: "own" })).models["a"]?.key).toBe("sk-a");
	home.write(userProfile("own"), profile("model: a\ntiers: { haiku: b }"));
	expect((await userError(home.resolve({ profile: "own" }))).message).toContain(
		"models.b.key needs the variable B_KEY",
	);
	home.write(userProfile("own"), profile("model: a\ntiers: { haiku: c }"));
	expect((await userError(home.resolve({ profile: "own" }))).message).toContain("no key is set");
});
