import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { examineLearned } from "../../src/cli/commands/doctor/learned.ts";
import type { ShownProfile } from "../../src/cli/commands/profiles/describe-profile.ts";
import {
	importProfile,
	listProfiles,
	type ProfileSummary,
	showProfile,
} from "../../src/cli/commands/profiles/profiles.ts";
import { trust } from "../../src/cli/commands/trust.ts";
import type { CommandOutput } from "../../src/cli/ui/output.ts";
import { table } from "../../src/cli/ui/table.ts";
import { learnedFolder } from "../../src/platform/paths.ts";
import { targetOf } from "../../src/profile/model/profile.ts";
import { resolveProfile } from "../../src/profile/resolve/resolve-profile.ts";
import { builtinNames } from "../../src/profile/sources/builtin.ts";
import { FactFiles } from "../../src/proxy/learning/fact-files.ts";
import { LearnedFacts } from "../../src/proxy/learning/learned-facts.ts";
import { profileHome, userError } from "../support/profile-home.ts";

const builtins = builtinNames();
const SECRET = "sk-0123456789-secret-WXYZ";

function capture(): CommandOutput & { out: string; err: string } {
	const output = {
		out: "",
		err: "",
		write: (text: string) => {
			output.out += text;
		},
		tell: (text: string) => {
			output.err += text;
		},
	};
	return output;
}

describe("cc-any profiles", () => {
	test("lists every profile with endpoint, models and whether its key is set", async () => {
		const home = profileHome({ DEEPSEEK_API_KEY: SECRET });
		home.write(".config/cc-any/profiles/own.yaml", "extends: ollama\nmodel: tiny\nkey: command:touch ran\n");
		const output = capture();
		await listProfiles({ cwd: home.project }, output, home.environment);
		const rows = output.out.split("\n").map((line) => line.split(/ {2,}/));
		expect(rows[0]).toEqual(["NAME", "KEY", "ENDPOINT", "MODELS"]);
		expect(rows.map(([name]) => name)).toEqual(expect.arrayContaining([...builtins, "own"]));
		expect(rows).toContainEqual([
			"deepseek",
			"set",
			"https://api.deepseek.com/anthropic",
			"deepseek-v4-pro, deepseek-flash",
		]);
		expect(rows).toContainEqual(["own", "from a command", "http://localhost:11434", "tiny, qwen3-coder, gpt-oss:20b"]);
		expect(rows.find(([name]) => name === "kimi")?.[1]).toBe("not set");
		expect(rows.find(([name]) => name === "ollama")?.[1]).toBe("not needed");
		expect(rows.find(([name]) => name === "openai-codex")?.[1]).toBe("unusable");
		expect(output.out + output.err).not.toContain(SECRET);
		expect(home.has("ran")).toBe(false);
	});

	test("--json is one array on stdout, and a broken profile hides no other", async () => {
		const home = profileHome();
		home.write(".config/cc-any/profiles/broken.yaml", "nmae: x\n");
		const output = capture();
		await listProfiles({ json: true, cwd: home.project }, output, home.environment);
		const summaries = JSON.parse(output.out) as ProfileSummary[];
		expect(summaries.find(({ name }) => name === "broken")?.problem).toContain(
			"broken.yaml:1: nmae: unknown field (did you mean name?)",
		);
		expect(summaries.find(({ name }) => name === "kimi")).toMatchObject({
			aliases: ["moonshot", "moonshotai"],
			dialect: "anthropic",
			key: "not set",
		});
	});
});

describe("cc-any profiles show", () => {
	test("gives each value with its origin, quirks with reason and source, and no secret", async () => {
		const home = profileHome({ DEEPSEEK_API_KEY: SECRET });
		home.write(
			".config/cc-any/config.yaml",
			`profile: deepseek\nheaders: { x-other: ${SECRET} }\ntiers: { haiku: mini }\n`,
		);
		const text = capture();
		await showProfile({ name: "deepseek", cwd: home.project }, text, home.environment);
		expect(text.out).toMatch(/^key +…WXYZ set, variable DEEPSEEK_API_KEY +built-in profiles\/deepseek\.yaml:\d+$/m);
		expect(text.out).toMatch(/^tiers\.haiku +mini +user .*config\.yaml:3$/m);
		expect(text.out).toMatch(/^tiers\.fable +deepseek-v4-pro +as tiers\.opus$/m);
		expect(text.out).toContain("why these quirks");

		const json = capture();
		await showProfile({ name: "deepseek", cwd: home.project, json: true }, json, home.environment);
		const report = JSON.parse(json.out) as ShownProfile;
		const quirk = report.values.find(({ field }) => field === "endpoints.anthropic.quirks.countTokens");
		expect(quirk).toMatchObject({ value: "true", why: expect.any(String), source: expect.any(String) });
		expect(report.values.every(({ origin }) => origin !== undefined)).toBe(true);
		expect(text.out + text.err + json.out + json.err).not.toContain(SECRET);
	});

	test("shows what refusals have taught, and the same as lines of a profile", async () => {
		const home = profileHome();
		const show = async (file: string) => {
			const output = capture();
			await showProfile({ name: file, cwd: home.project }, output, home.environment);
			return output.out;
		};
		const learned = new LearnedFacts(new FactFiles({ folder: learnedFolder(home.environment) }));
		const { profile } = await resolveProfile({ profile: "deepseek", cwd: home.project }, home.environment, {
			tolerant: true,
		});
		const target = targetOf(profile, profile.tiers.opus);
		learned.learn(target, { maxOutput: 4096, edits: [{ path: ["user"] }] }, { done: "without user" });
		learned.confirm(target, { body: {}, inputTokens: 0, sentAt: Date.now() + 1 });
		const shown = await show("deepseek");
		expect(shown).toContain(`learned from refusals of ${target.model}, for a week`);
		expect(shown).toMatch(/^ {2}without user \(\d{4}-\d\d-\d\d\)$/m);
		// The lines are a profile.
		const [, lines = ""] = /as lines of a profile\n((?: {2}.*\n)+)/.exec(shown) ?? [];
		const file = join(home.project, "learned.yaml");
		writeFileSync(file, `extends: deepseek\n${lines.replaceAll(/^ {2}/gm, "")}`);
		const again = await resolveProfile({ profile: file, cwd: home.project }, home.environment, { tolerant: true });
		const { maxOutput, quirks } = targetOf(again.profile, target.model);
		expect({ maxOutput, edits: quirks.bodyEdits }).toEqual({ maxOutput: 4096, edits: [{ path: ["user"] }] });
		const [finding] = examineLearned(profile, home.environment);
		expect(finding).toMatchObject({ check: "learned", state: "ok", text: expect.stringContaining("without user") });
	});

	test("shows what is missing as missing", async () => {
		const home = profileHome();
		const output = capture();
		await showProfile({ name: "azure", cwd: home.project }, output, home.environment);
		expect(output.out).toMatch(/^key +not set \(AZURE_OPENAI_API_KEY\)/m);
		expect(output.out).toContain("https://$" + "{AZURE_OPENAI_RESOURCE}.openai.azure.com/openai/v1");
		await showProfile({ name: "openai-codex", cwd: home.project }, output, home.environment);
		expect(output.out).toMatch(/^unavailable +the ChatGPT subscription/m);
	});

	test.each(builtins)("%s", async (name) => {
		const home = profileHome();
		const output = capture();
		await showProfile({ name, cwd: home.project, json: true }, output, home.environment);
		expect(JSON.parse(output.out)).toMatchObject({ name, status: "documented" });
	});
});

describe("cc-any profiles import", () => {
	test("says what it wrote and what it left alone", async () => {
		const home = profileHome();
		home.write(
			".claude/settings.json",
			'{"modelOverrides":{"claude-opus-4":{"provider":"anthropic-compatible","baseURL":"https://x.example","model":"m"}},"a":1}',
		);
		const first = capture();
		await importProfile({}, first, home.environment);
		expect(first.out).toBe(`wrote ${home.home}/.config/cc-any/profiles/claude-overrides.yaml\n`);
		expect(first.err).toContain("the settings file was not changed");
		const second = capture();
		await importProfile({ name: "x", removeFromSettings: true }, second, home.environment);
		expect(second.out).toContain(`kept a copy at ${home.home}/.claude/settings.json.before-cc-any`);
		expect(home.read(".claude/settings.json")).toBe('{"a":1}');
	});
});

describe("cc-any trust", () => {
	const CONFIG = "profile: deepseek\nheaders: { x-a: b }\nprofiles: { own: { key: env:A } }\n";

	test("trusts the project's file, or a named one, and says what it may set", async () => {
		const home = profileHome({ DEEPSEEK_API_KEY: SECRET });
		const file = home.write("project/.cc-anyrc", CONFIG);
		await userError(home.resolve());
		const output = capture();
		await trust({ cwd: home.project }, output, home.environment);
		expect(output.out).toBe(`trusted ${file}\n`);
		expect(output.err).toContain("it may set headers, key");
		expect((await home.resolve()).headers).toEqual({ "x-a": "b" });

		home.write("project/team.yaml", "extends: deepseek\nheaders: { x-t: t }\n");
		const named = capture();
		await trust({ cwd: home.home, file: "project/team.yaml" }, named, home.environment);
		expect(named.out).toBe(`trusted ${home.project}/team.yaml\n`);
	});

	test("trusts nothing that is absent or wrong", async () => {
		const home = profileHome();
		expect((await userError(trust({ cwd: home.project }, capture(), home.environment))).message).toContain(
			"no project file",
		);
		expect(
			(await userError(trust({ cwd: home.project, file: "no.yaml" }, capture(), home.environment))).message,
		).toContain("ENOENT");
		home.write("project/bad.yaml", "bad: 1\n");
		expect(
			(await userError(trust({ cwd: home.project, file: "bad.yaml" }, capture(), home.environment))).message,
		).toContain("bad.yaml:1");
		expect(home.has(".local/state/cc-any/trusted.json")).toBe(false);
	});
});

test("a table's columns are as wide as their widest cell; colours have no width", () => {
	const red = `\u001b[31mab\u001b[39m`;
	expect(
		table([
			["a", "b", "c"],
			["long", "", "x"],
			[red, "yy", ""],
		]),
	).toBe(`a     b   c\nlong      x\n${red}    yy\n`);
});
