import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { missingIn } from "../../src/profile/documents/interpolate.ts";
import { keyVariables } from "../../src/profile/keys/key-reference.ts";
import { TIERS, targetOf } from "../../src/profile/model/profile.ts";
import type { ProfileFile } from "../../src/profile/model/schema.ts";
import {
	builtinForUrl,
	builtinNameForUrl,
	builtinNames,
	builtinWithAlias,
	readBuiltin,
} from "../../src/profile/sources/builtin.ts";
import { profileHome, userError } from "../support/profile-home.ts";

const names = builtinNames();

async function read(name: string): Promise<ProfileFile> {
	return (await readBuiltin(name))?.values ?? {};
}

function quirksIn(value: unknown, found: [string, unknown][] = []): [string, unknown][] {
	if (typeof value !== "object" || value === null) return found;
	for (const [field, inner] of Object.entries(value)) {
		if (field === "quirks") found.push(...Object.entries(inner as object));
		else quirksIn(inner, found);
	}
	return found;
}

/** Names of the variables that the endpoints' addresses need. */
function addressVariables({ endpoints }: ProfileFile): string[] {
	return Object.values(endpoints ?? {}).flatMap((endpoint) => missingIn(endpoint?.baseUrl ?? "", {}));
}

function valuesFor(variables: readonly string[], value: string): Record<string, string> {
	return Object.fromEntries(variables.map((variable) => [variable, value]));
}

// The rules hold for whatever files are in profiles/: a new provider needs no line here.
describe.each(names)("built-in %s", (name) => {
	test("keeps to the schema", async () => {
		const file = await read(name);
		expect(file).toMatchObject({ name });
		expect(file.title).toBeTruthy();
		expect(file.sources?.length).toBeGreaterThan(0);
	});

	test("says of each model whether it sees and thinks, and its figures are plausible", async () => {
		const { models = {} } = await read(name);
		for (const [id, { contextWindow = 1e6, maxOutput = 1, price = {}, ...model }] of Object.entries(models)) {
			expect(model, id).toMatchObject({ vision: expect.any(Boolean), thinking: expect.any(String) });
			expect(contextWindow, `${id}: tokens, not thousands of them`).toBeGreaterThanOrEqual(8192);
			expect(contextWindow, id).toBeLessThanOrEqual(16_777_216);
			expect(maxOutput, `${id}: the output is part of the window`).toBeLessThanOrEqual(contextWindow);
			const { input = 0, output = input, cacheRead = 0 } = price;
			expect(output, `${id}: dollars per million tokens, not per thousand`).toBeLessThan(1000);
			expect([cacheRead, input, output], `${id}: no price is below the one before`).toEqual(
				[cacheRead, input, output].sort((one, other) => one - other),
			);
		}
	});

	test("gives each quirk a reason and a source", async () => {
		for (const [quirk, value] of quirksIn(await read(name))) {
			expect(value, quirk).toMatchObject({ why: expect.any(String), source: expect.any(String) });
		}
	});

	test("has tiers with models of the profile, unless it is for a local server", async () => {
		const { tiers, models = {}, keyOptional } = await read(name);
		if (!tiers) expect(keyOptional).toBe(true);
		for (const model of Object.values(tiers ?? {})) expect(Object.keys(models)).toContain(model);
	});

	test("resolves to a target for every tier, or says why it cannot be used", async () => {
		const file = await read(name);
		const home = profileHome({
			...valuesFor(keyVariables(file.key), "sk-test"),
			...valuesFor(addressVariables(file), "mine"),
		});
		if (file.unavailable) {
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

test("a name is never used as a path", async () => {
	expect(await readBuiltin("../package")).toBeUndefined();
});

test.each([
	...["http://localhost:11434/v1", "http://127.0.0.1:11434/v1", "http://127.9.9.9:1234/v1", "http://[::1]:8000/v1"],
	...["https://unknown.example/v1", "not an address"],
])("no provider is guessed for %s", async (address) => {
	expect(await builtinNameForUrl(address)).toBeUndefined();
	expect(await builtinForUrl(address)).toBeUndefined();
});

test.each([
	["https://api.deepseek.com/anthropic", "deepseek"],
	["https://api.deepseek.com/other/path", "deepseek"],
	["https://api.moonshot.cn/v1", "kimi"],
])("%s belongs to %s, in any path and region", async (address, name) => {
	expect(await builtinNameForUrl(address)).toBe(name);
	const layer = await builtinForUrl(address);
	expect(layer?.values).not.toHaveProperty("name");
	expect(layer?.values).not.toHaveProperty("aliases");
	expect(layer?.values.models).toEqual((await read(name)).models);
});

test("the build compiles every profile", () => {
	expect(names).toEqual(
		readdirSync(join(import.meta.dirname, "../../profiles"))
			.filter((file) => file.endsWith(".yaml"))
			.map((file) => file.replace(/\.yaml$/, ""))
			.sort(),
	);
});
