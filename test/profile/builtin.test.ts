import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseSource } from "../../src/profile/documents/parse-source.ts";
import { validate } from "../../src/profile/documents/validate.ts";
import { keyVariables } from "../../src/profile/keys/key-reference.ts";
import { TIERS, targetOf } from "../../src/profile/model/profile.ts";
import { type ProfileFile, ProfileFileSchema } from "../../src/profile/model/schema.ts";
import { builtinFolder, builtinNames, builtinWithAlias, readBuiltin } from "../../src/profile/sources/builtin.ts";
import { profileHome, userError } from "../support/profile-home.ts";

const names = builtinNames();
const catalogue = JSON.parse(
	readFileSync(new URL("../fixtures/profiles/catalogue.json", import.meta.url), "utf8"),
) as Record<string, Record<string, Record<string, unknown>>>;
const LOCAL = ["litellm", "lmstudio", "llamacpp", "ollama", "sglang", "vllm"];
/** Profiles that say why they cannot be used. */
const UNAVAILABLE = ["github-copilot", "github-models", "openai-codex"];
/** Profiles whose address takes a variable. */
const NEEDED: Record<string, Record<string, string>> = {
	"azure-openai": { AZURE_OPENAI_RESOURCE: "mine" },
	bedrock: { AWS_REGION: "us-east-1" },
};

async function read(name: string): Promise<ProfileFile> {
	const file = join(builtinFolder(), `${name}.yaml`);
	return validate(ProfileFileSchema, await parseSource(readFileSync(file, "utf8"), file));
}

function quirksIn(value: unknown, found: [string, unknown][] = []): [string, unknown][] {
	if (typeof value !== "object" || value === null) return found;
	for (const [field, inner] of Object.entries(value)) {
		if (field === "quirks") found.push(...Object.entries(inner as object));
		else quirksIn(inner, found);
	}
	return found;
}

test("there is a profile for each name that people type", () => {
	expect(names).toEqual(
		[
			...[
				"anthropic",
				"azure-openai",
				"bedrock",
				"cerebras",
				"deepseek",
				"demo",
				"fireworks",
				"gemini",
				"github-copilot",
			],
			...["github-models", "glm", "groq", "kimi", "kimi-code", "litellm", "llamacpp", "lmstudio", "minimax", "mistral"],
			...["novapai", "ollama", "openai", "openai-codex", "openrouter", "qwen", "sglang", "siliconflow", "together"],
			...["vercel-ai-gateway", "vllm", "xai", "zhipu"],
		].sort(),
	);
});

describe.each(names)("built-in %s", (name) => {
	test("keeps to the schema", async () => {
		const file = await read(name);
		expect(file).toMatchObject({ name });
		expect(file.title).toBeTruthy();
		expect(file.sources?.length).toBeGreaterThan(0);
	});

	test("has exactly the gathered models, with their limits and prices", async () => {
		const { models = {} } = await read(name);
		for (const [id, facts] of Object.entries(catalogue[name] ?? {})) {
			const { contextWindow, maxOutput, price, vision, thinking } = models[id] ?? {};
			expect({ contextWindow, maxOutput, ...price, vision, thinking }, id).toEqual(facts);
		}
		// Bedrock's models were not gathered: they depend on the region and the account.
		const own = name === "demo" || name === "bedrock" || LOCAL.includes(name);
		if (!own) expect(Object.keys(models)).toEqual(Object.keys(catalogue[name] ?? {}));
	});

	test("gives each quirk a reason and a source", async () => {
		for (const [quirk, value] of quirksIn(await read(name))) {
			expect(value, quirk).toMatchObject({ why: expect.any(String), source: expect.any(String) });
		}
	});

	test("has tiers of its own models, unless it is a local server", async () => {
		const file = await read(name);
		if (LOCAL.includes(name)) return;
		expect(file.tiers).toBeDefined();
		for (const model of Object.values(file.tiers ?? {})) expect(Object.keys(file.models ?? {})).toContain(model);
	});

	test("resolves to a target for every tier, or says what is missing", async () => {
		const file = await read(name);
		const keys = Object.fromEntries(keyVariables(file.key).map((variable) => [variable, "sk-test"]));
		const home = profileHome({ ...keys, ...NEEDED[name] });
		if (UNAVAILABLE.includes(name)) {
			const error = await userError(home.resolve({ profile: name }));
			expect(error.message).toContain(`profile ${name} cannot be used: ${file.unavailable}`);
			return;
		}
		const { profile, report } = await home.resolveWithReport({
			profile: name,
			model: file.tiers ? undefined : "some-model",
		});
		for (const tier of TIERS) {
			const target = targetOf(profile, profile.tiers[tier]);
			expect(target.baseUrl).toMatch(/^https?:\/\/[^$]+[^/]$|^demo:$/);
			expect(target.key).toBe(file.key ? "sk-test" : undefined);
		}
		expect(report.warnings).toEqual([]);
	});
});

test.each([
	["moonshot", "kimi"],
	["dashscope", "qwen"],
	["zai", "glm"],
	["grok", "xai"],
	["nobody", undefined],
])("the alias %s means %s", async (alias, name) => {
	expect(await builtinWithAlias(alias)).toBe(name);
});

test("no alias is claimed twice, or is another profile's name", async () => {
	const aliases = (await Promise.all(names.map(read))).flatMap((file) => file.aliases ?? []);
	expect(new Set(aliases).size).toBe(aliases.length);
	expect(aliases.filter((alias) => names.includes(alias))).toEqual([]);
});

test("a name is no path", async () => {
	expect(await readBuiltin("../package")).toBeUndefined();
});

test.each([
	["deepseek", "deepseek-v4-pro"],
	["novapai", "deepseek-v4-pro"],
	["kimi", "kimi-k2.6"],
	["kimi", "kimi-k2.7-code"],
	["kimi", "kimi-k3"],
	["kimi", "kimi-k3.1-pro"],
	["minimax", "MiniMax-M2.7"],
	["minimax", "MiniMax-M3"],
	["minimax", "MiniMax-M3.1-Flash"],
	["qwen", "qwen3-235b-a22b"],
	["qwen", "qwen3-coder-plus"],
	["qwen", "qwen3.8-max"],
])("%s has %s with its limits", async (name, id) => {
	const model = (await read(name)).models?.[id];
	expect(model?.contextWindow).toBeGreaterThan(100_000);
	expect(model?.maxOutput).toBeGreaterThan(10_000);
});

test("the package holds the folder that the profiles are read from", () => {
	const manifest = JSON.parse(readFileSync(join(builtinFolder(), "..", "package.json"), "utf8")) as { files: string[] };
	expect(manifest.files).toContain("profiles");
});
