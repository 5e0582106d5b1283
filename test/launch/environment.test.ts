import { describe, expect, test } from "vitest";
import { applyChanges, environmentFor } from "../../src/launch/environment.ts";
import type { Variables } from "../../src/platform/paths.ts";
import type { Profile } from "../../src/profile/model/profile.ts";
import { everyTier, sampleProfile } from "../support/sample-profile.ts";

const proxy = { url: "http://127.0.0.1:4100", token: "local-token" };

function changes(profile: Partial<Profile> = {}, parent: Variables = {}, requestedModel?: string) {
	return environmentFor({ profile: sampleProfile(profile), proxy, parent, requestedModel });
}

describe("environmentFor", () => {
	test("the whole of it for an ordinary profile", () => {
		expect(changes()).toEqual({
			set: {
				ANTHROPIC_BASE_URL: "http://127.0.0.1:4100",
				ANTHROPIC_AUTH_TOKEN: "local-token",
				CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST: "1",
				CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
				CLAUDE_CODE_GATEWAY_HINT_HEADERS: "1",
				CLAUDE_CODE_DISABLE_AGENT_VIEW: "1",
				ANTHROPIC_MODEL: "sample-large",
				ANTHROPIC_DEFAULT_OPUS_MODEL: "sample-large",
				ANTHROPIC_DEFAULT_OPUS_MODEL_NAME: "Sample Large",
				ANTHROPIC_DEFAULT_OPUS_MODEL_DESCRIPTION: "262k context",
				ANTHROPIC_DEFAULT_SONNET_MODEL: "sample-large",
				ANTHROPIC_DEFAULT_SONNET_MODEL_NAME: "Sample Large",
				ANTHROPIC_DEFAULT_SONNET_MODEL_DESCRIPTION: "262k context",
				ANTHROPIC_DEFAULT_HAIKU_MODEL: "sample-small",
				ANTHROPIC_DEFAULT_HAIKU_MODEL_NAME: "sample-small",
				ANTHROPIC_DEFAULT_HAIKU_MODEL_DESCRIPTION: "131k context",
				ANTHROPIC_DEFAULT_FABLE_MODEL: "sample-large",
				ANTHROPIC_DEFAULT_FABLE_MODEL_NAME: "Sample Large",
				ANTHROPIC_DEFAULT_FABLE_MODEL_DESCRIPTION: "262k context",
				ANTHROPIC_DEFAULT_MODEL: "sample-large",
				CLAUDE_CODE_MAX_CONTEXT_TOKENS: "262144",
				CLAUDE_CODE_AUTO_COMPACT_WINDOW: "262144",
				CLAUDE_CODE_MAX_OUTPUT_TOKENS: "65536",
				CLAUDE_STREAM_IDLE_TIMEOUT_MS: "1800000",
				API_FORCE_IDLE_TIMEOUT: "0",
				API_TIMEOUT_MS: "1800000",
				NO_PROXY: "127.0.0.1,localhost",
				no_proxy: "127.0.0.1,localhost",
			},
			unset: [],
		});
	});

	const values: [about: string, profile: Partial<Profile>, parent: Variables, expected: Variables][] = [
		[
			"a different model for subagents",
			{ tiers: { ...everyTier("sample-large"), subagent: "sample-small" } },
			{},
			{
				CLAUDE_CODE_SUBAGENT_MODEL: "sample-small",
			},
		],
		[
			"subagents on the main model",
			{ tiers: everyTier("sample-large") },
			{},
			{ CLAUDE_CODE_SUBAGENT_MODEL: undefined },
		],
		[
			"a limit of zero, or none, in the shell is no limit",
			{},
			{
				CLAUDE_CODE_MAX_OUTPUT_TOKENS: "0",
				CLAUDE_CODE_MAX_CONTEXT_TOKENS: "-1",
				CLAUDE_CODE_AUTO_COMPACT_WINDOW: "x",
			},
			{
				CLAUDE_CODE_MAX_OUTPUT_TOKENS: "65536",
				CLAUDE_CODE_MAX_CONTEXT_TOKENS: "262144",
				CLAUDE_CODE_AUTO_COMPACT_WINDOW: "262144",
			},
		],
		[
			"an unknown model invents no limit",
			{ tiers: everyTier("never-heard-of") },
			{},
			{
				ANTHROPIC_MODEL: "never-heard-of",
				ANTHROPIC_DEFAULT_FABLE_MODEL_NAME: "never-heard-of",
				CLAUDE_CODE_MAX_CONTEXT_TOKENS: undefined,
				CLAUDE_CODE_AUTO_COMPACT_WINDOW: undefined,
				CLAUDE_CODE_MAX_OUTPUT_TOKENS: undefined,
			},
		],
		[
			"a smaller model of another tier does not cut the main model's limits",
			{ tiers: { ...everyTier("sample-large"), haiku: "sample-tiny" } },
			{},
			{ CLAUDE_CODE_MAX_CONTEXT_TOKENS: "262144", CLAUDE_CODE_MAX_OUTPUT_TOKENS: "65536" },
		],
		[
			"a window below 100k: the least compaction window that Claude Code takes, and less output",
			{ tiers: everyTier("sample-tiny") },
			{},
			{
				CLAUDE_CODE_MAX_CONTEXT_TOKENS: "65536",
				CLAUDE_CODE_AUTO_COMPACT_WINDOW: "100000",
				CLAUDE_CODE_MAX_OUTPUT_TOKENS: "8192",
				CLAUDE_CODE_DISABLE_1M_CONTEXT: "1",
			},
		],
		[
			"a window of 32k whose model has no known output limit",
			{
				models: { local: { id: "local", contextWindow: 32_768, vision: false, thinking: "none" } },
				tiers: everyTier("local"),
			},
			{},
			{
				CLAUDE_CODE_MAX_CONTEXT_TOKENS: "32768",
				CLAUDE_CODE_AUTO_COMPACT_WINDOW: "100000",
				CLAUDE_CODE_MAX_OUTPUT_TOKENS: "4096",
			},
		],
		[
			"Claude's own models keep their selector of a million tokens",
			{ tiers: everyTier("claude-opus-5-5") },
			{},
			{ CLAUDE_CODE_DISABLE_1M_CONTEXT: undefined, ANTHROPIC_DEFAULT_MODEL: undefined },
		],
		[
			"lower limits of the user's own stay",
			{},
			{
				CLAUDE_CODE_MAX_CONTEXT_TOKENS: "100000",
				CLAUDE_CODE_AUTO_COMPACT_WINDOW: "nonsense",
				CLAUDE_CODE_MAX_OUTPUT_TOKENS: "999999",
			},
			{
				CLAUDE_CODE_MAX_CONTEXT_TOKENS: "100000",
				CLAUDE_CODE_AUTO_COMPACT_WINDOW: "262144",
				CLAUDE_CODE_MAX_OUTPUT_TOKENS: "65536",
			},
		],
		["time limits of the user's own stay", {}, { API_TIMEOUT_MS: "5000" }, { API_TIMEOUT_MS: undefined }],
		[
			"the user's proxy exceptions stay",
			{},
			{ NO_PROXY: "intra.test, 10.0.0.1", no_proxy: "localhost,other.test" },
			{
				NO_PROXY: "intra.test,10.0.0.1,localhost,other.test,127.0.0.1",
				no_proxy: "intra.test,10.0.0.1,localhost,other.test,127.0.0.1",
			},
		],
		[
			"a great output limit is cut",
			{
				models: { big: { id: "big", maxOutput: 384_000, vision: false, thinking: "none" } },
				tiers: everyTier("big"),
			},
			{},
			{ CLAUDE_CODE_MAX_OUTPUT_TOKENS: "128000" },
		],
	];
	test.each(values)("%s", (_about, profile, parent, expected) => {
		const { set } = changes(profile, parent);
		for (const [name, value] of Object.entries(expected)) expect(set[name], name).toBe(value);
	});

	const windows: [requested: string, window: string | undefined][] = [
		["sample-tiny", "65536"],
		["haiku", "131072"],
		["opus[1m]", "262144"],
		["unknown-model", undefined],
	];
	test.each(windows)("the window of the model that --model names: %s", (requested, window) => {
		expect(changes({}, {}, requested).set["CLAUDE_CODE_MAX_CONTEXT_TOKENS"]).toBe(window);
	});

	const removals: [about: string, profile: Partial<Profile>, parent: Variables, unset: string[]][] = [
		[
			"other credentials and providers",
			{},
			{
				ANTHROPIC_API_KEY: "x",
				CLAUDE_CODE_USE_BEDROCK: "1",
				CLAUDE_CODE_USE_VERTEX: "",
				ANTHROPIC_SMALL_FAST_MODEL: "y",
				CLAUDE_CODE_SUBAGENT_MODEL: "z",
				ANTHROPIC_DEFAULT_OPUS_MODEL_SUPPORTED_CAPABILITIES: "old",
				OTHER: "kept",
			},
			[
				"ANTHROPIC_API_KEY",
				"ANTHROPIC_DEFAULT_OPUS_MODEL_SUPPORTED_CAPABILITIES",
				"ANTHROPIC_SMALL_FAST_MODEL",
				"CLAUDE_CODE_SUBAGENT_MODEL",
				"CLAUDE_CODE_USE_BEDROCK",
				"CLAUDE_CODE_USE_VERTEX",
			],
		],
		[
			"the key under any name, also inside a value",
			{},
			{
				SAMPLE_API_KEY: "sk-sample-0123456789",
				COPY: "sk-sample-0123456789",
				HEADERS: "Authorization: Bearer sk-sample-0123456789",
				OTHER_API_KEY: "sk-other",
			},
			["COPY", "HEADERS", "SAMPLE_API_KEY"],
		],
		[
			"a short key only as a whole value",
			{ key: "ollama" },
			{
				OLLAMA_KEY: "ollama",
				OLLAMA_HOME: "/opt/ollama",
				USER: "ollama",
			},
			["OLLAMA_KEY"],
		],
		[
			"a secret in a header",
			{ headers: { "x-gateway-key": "gateway-secret-0001" }, key: undefined },
			{
				GATEWAY: "gateway-secret-0001",
			},
			["GATEWAY"],
		],
		[
			"the key of one model alone",
			{ models: { m: { id: "m", vision: true, thinking: "none", key: "sk-of-one-model" } }, tiers: everyTier("m") },
			{ MODEL_KEY: "sk-of-one-model" },
			["MODEL_KEY"],
		],
		["no key at all", { key: undefined }, { EMPTY: "", A: "b" }, []],
	];
	test.each(removals)("removes %s", (_about, profile, parent, unset) => {
		expect(changes(profile, parent).unset).toEqual(unset);
	});

	test("a subagent variable is set or removed, not both", () => {
		const tiers = { ...everyTier("sample-large"), subagent: "sample-small" };
		expect(changes({ tiers }, { CLAUDE_CODE_SUBAGENT_MODEL: "z" }).unset).toEqual([]);
	});
});

test("applyChanges does not change anything else", () => {
	const parent = { KEPT: "1", GONE: "2", CHANGED: "3", ABSENT: undefined };
	const environment = applyChanges(parent, { set: { CHANGED: "4", NEW: "5" }, unset: ["GONE"] });
	expect(environment).toEqual({ KEPT: "1", CHANGED: "4", NEW: "5" });
});

test.each([
	"ANTHROPIC_API_KEY",
	"ANTHROPIC_CUSTOM_HEADERS",
	"ANTHROPIC_SMALL_FAST_MODEL",
	"ANTHROPIC_UNIX_SOCKET",
	"CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR",
	"CLAUDE_CODE_EXTRA_BODY",
	"CLAUDE_CODE_HOST_AUTH_ENV_VAR",
	"CLAUDE_CODE_OAUTH_TOKEN",
	"CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR",
	"CLAUDE_CODE_SUBAGENT_MODEL",
	"CLAUDE_CODE_USE_ANTHROPIC_AWS",
	"CLAUDE_CODE_USE_BEDROCK",
	"CLAUDE_CODE_USE_FOUNDRY",
	"CLAUDE_CODE_USE_GATEWAY",
	"CLAUDE_CODE_USE_MANTLE",
	"CLAUDE_CODE_USE_VERTEX",
	"_CLAUDE_CODE_ASSUME_FIRST_PARTY_BASE_URL",
	"ANTHROPIC_DEFAULT_OPUS_MODEL_SUPPORTED_CAPABILITIES",
	"ANTHROPIC_DEFAULT_SONNET_MODEL_SUPPORTED_CAPABILITIES",
	"ANTHROPIC_DEFAULT_HAIKU_MODEL_SUPPORTED_CAPABILITIES",
	"ANTHROPIC_DEFAULT_FABLE_MODEL_SUPPORTED_CAPABILITIES",
	"CC_ANY_OTLP_HEADERS",
])("%s is removed", (name) => {
	expect(changes({}, { [name]: "x", OTHER: "x" }).unset).toEqual([name]);
	expect(changes({}, { [name]: "" }).unset).toEqual([name]);
});

test("a description of a model that has none is removed", () => {
	const name = "ANTHROPIC_DEFAULT_OPUS_MODEL_DESCRIPTION";
	expect(changes({}, { [name]: "x" }).unset).toEqual([]);
	expect(changes({ models: {} }, { [name]: "x" }).unset).toEqual([name]);
});

test.each(["CLAUDE_STREAM_IDLE_TIMEOUT_MS", "API_FORCE_IDLE_TIMEOUT", "API_TIMEOUT_MS"])(
	"%s of the user stays",
	(name) => {
		expect(changes({}, { [name]: "5" }).set).not.toHaveProperty(name);
		expect(changes({}, { [name]: "" }).set).toHaveProperty(name);
	},
);

test.each(["HOME", "LANG", "LOGNAME", "PATH", "PWD", "SHELL", "TERM", "TMPDIR", "USER"])(
	"%s is never removed, even if it equals a key",
	(name) => {
		const key = "sk-sample-key-of-a-server";
		const profile = sampleProfile({ key });
		const { unset } = environmentFor({ profile, proxy, parent: { [name]: key, OTHER: key } });
		expect(unset).toEqual(["OTHER"]);
	},
);

test("the changes are applied to a copy, without variables that have no value", () => {
	const parent = { A: "1", B: "2", C: undefined, D: "" };
	expect(applyChanges(parent, { set: { A: "3", E: "4" }, unset: ["B"] })).toEqual({ A: "3", D: "", E: "4" });
	expect(parent).toEqual({ A: "1", B: "2", C: undefined, D: "" });
});

test.each([
	["12345678", "x12345678y", true],
	["1234567", "x1234567y", false],
	["1234567", "1234567", true],
	["ollama", "ollama", true],
])("a variable whose value holds the key: %s in %s", (key, value, isRemoved) => {
	const { unset } = environmentFor({ profile: sampleProfile({ key }), proxy, parent: { OTHER: value } });
	expect(unset).toEqual(isRemoved ? ["OTHER"] : []);
});

test("Windows ignores the case of names: what is set or removed is so in any case", () => {
	const parent = { Anthropic_Api_Key: "sk-ant", anthropic_base_url: "http://other", Path: "C:\\bin" };
	const changes = { set: { ANTHROPIC_BASE_URL: "http://127.0.0.1:1" }, unset: ["ANTHROPIC_API_KEY"] };
	const expected = { Path: "C:\\bin", ANTHROPIC_BASE_URL: "http://127.0.0.1:1" };
	expect(applyChanges(parent, changes, "win32")).toEqual(expected);
	expect(applyChanges(parent, changes, "linux")).toEqual({ ...parent, ...expected });
});
