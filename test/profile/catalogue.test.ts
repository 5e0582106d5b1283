import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import type { ModelFile, ProfileFile } from "../../src/profile/model/schema.ts";
import { profileHome, userError } from "../support/profile-home.ts";

interface Group extends Pick<ProfileFile, "models"> {
	catalogue?: string;
	regions?: Record<string, Group>;
}

const folder = join(import.meta.dirname, "../../profiles");
const text = readFileSync(join(folder, "catalogue.json"), "utf8");
const catalogue: { source: string; date: string; providers: Record<string, Record<string, ModelFile>> } =
	JSON.parse(text);

/** The parts of a profile, as written, that name a provider of the catalogue. */
function groups(file: string): Group[] {
	const profile: Group = parse(readFileSync(join(folder, file), "utf8"));
	return [profile, ...Object.values(profile.regions ?? {})].filter((group) => group.catalogue !== undefined);
}

const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));

test("the catalogue names its source and date, and has a line for each model", () => {
	expect(catalogue.source).toMatch(/^npm @?[\w/-]+@\d+\.\d+\.\d+$/);
	expect(catalogue.date).toMatch(/^\d{4}-\d\d-\d\d$/);
	const lines = new Set(text.split("\n").map((line) => line.trim().replace(/,$/, "")));
	for (const models of Object.values(catalogue.providers)) {
		expect(Object.keys(models)).toEqual(Object.keys(models).sort());
		for (const [id, facts] of Object.entries(models)) {
			expect(lines.has(`${JSON.stringify(id)}: ${JSON.stringify(facts)}`), id).toBe(true);
			const steps = facts.price?.above?.map(({ tokens }) => tokens) ?? [];
			expect(steps, id).toEqual(steps.toSorted((one, other) => one - other));
		}
	}
});

test("it has the providers that profiles name, no others", () => {
	const named = files.flatMap((file) => groups(file).map((group) => group.catalogue));
	expect(Object.keys(catalogue.providers)).toEqual([...new Set(named)].sort());
});

test("a profile repeats no figure of the catalogue", () => {
	const repeated = files.flatMap((file) =>
		groups(file).flatMap((group) =>
			Object.entries(group.models ?? {}).flatMap(([id, own]) => {
				const known: Record<string, unknown> = { ...catalogue.providers[group.catalogue ?? ""]?.[id] };
				const fields = Object.entries(own).filter(([field, value]) => isSame(value, known[field]));
				return fields.map(([field]) => `profiles/${file}: models.${id}.${field}: remove it`);
			}),
		),
	);
	expect(repeated).toEqual([]);
});

function isSame(one: unknown, other: unknown): boolean {
	return JSON.stringify(one) === JSON.stringify(other);
}

test("each value says where it comes from: a line of the profile, or the catalogue with its date", async () => {
	const { report, profile } = await profileHome({ OPENAI_API_KEY: "sk-test" }).resolveWithReport({ profile: "openai" });
	const origins = report.origins();
	const origin = `built-in catalogue ${catalogue.source}, ${catalogue.date}`;
	expect(origins["models.gpt-6.1-sol.contextWindow"]).toMatch(/^built-in profiles\/openai\.yaml:\d+$/);
	expect(origins["models.gpt-6.1-sol.maxOutput"]).toBe(origin);
	expect(origins["models.gpt-6.1-sol.price.input"]).toBe(origin);
	expect(profile.models["gpt-6.1-sol"]).toMatchObject({ contextWindow: 1_050_000, maxOutput: 128_000 });
});

test("a value that is written once for two models has the line where it is written", async () => {
	const { report } = await profileHome({ OPENCODE_API_KEY: "sk-test" }).resolveWithReport({ profile: "opencode" });
	const origins = report.origins();
	const ofOne = origins["models.claude-opus-5-5.quirks.effortField"];
	expect(ofOne).toMatch(/^built-in profiles\/opencode\.yaml:\d+$/);
	expect(origins["models.claude-haiku-5-5.quirks.effortField"]).toBe(ofOne);
});

test("a profile of the user cannot name the catalogue", async () => {
	const home = profileHome();
	home.write(".config/cc-any/profiles/own.yaml", "extends: ollama\ncatalogue: openai\nmodel: tiny\n");
	expect((await userError(home.resolve({ profile: "own" }))).message).toContain("catalogue");
});
