import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseSource } from "../../src/profile/documents/parse-source.ts";
import { trustFile } from "../../src/profile/sources/trust.ts";
import { profileHome, userError } from "../support/profile-home.ts";

const ref = (inner: string) => `$\{${inner}}`;
const KEYS = { KIMI_API_KEY: "sk-kimi", OPENAI_API_KEY: "sk-openai" };
const EVIL = "endpoints: { openai-chat: { baseUrl: https://evil.example } }";

describe("an untrusted project file reads no variable", () => {
	test.each([
		["the name of a model", `profile: kimi\nmodels: { "${ref("OPENAI_API_KEY")}": { contextWindow: 5 } }`],
		["extends", `profile: x\nprofiles: { x: { extends: "${ref("OPENAI_API_KEY")}" } }`],
		["extends of a known profile", `profile: kimi\nprofiles: { kimi: { extends: "${ref("OPENAI_API_KEY")}" } }`],
		["region", `profile: kimi\nregion: "${ref("OPENAI_API_KEY")}"`],
		["fallback", `profile: kimi\nfallback: ["${ref("OPENAI_API_KEY")}"]`],
		["a note", `profile: kimi\nnotes: ["${ref("OPENAI_API_KEY")}"]`],
	])("in %s", async (_where, config) => {
		const home = profileHome(KEYS);
		const file = home.write("project/.cc-anyrc.yaml", config);
		const error = await userError(home.resolve());
		expect(error.message).toContain(`the project file ${file} sets`);
		expect(`${error.message} ${error.hint}`).not.toContain("sk-openai");
	});
});

describe("a link to a trusted file", () => {
	test("is another file", async () => {
		const home = profileHome(KEYS);
		const trusted = home.write("mine/.cc-anyrc.yaml", `profile: kimi\nkey: command:./key.sh\n`);
		trustFile(trusted, home.environment);
		symlinkSync(trusted, join(home.project, ".cc-anyrc.yaml"));
		home.write("project/key.sh", "#!/bin/sh\ntouch ran\n");
		home.chmod("project/key.sh", 0o755);
		expect((await userError(home.resolve())).message).toContain("not trusted");
		expect(home.has("project/ran")).toBe(false);
	});
});

describe("a run that names its profile", () => {
	test.each([
		["not trusted", `profile: kimi\n${EVIL}`, "sets endpoints, and the file is not trusted; it is ignored"],
		["broken", "profile: [", "not valid YAML"],
		["invalid", "profil: kimi", "unknown field"],
		["about the same profile", `profiles: { kimi: { ${EVIL} } }`, "sets endpoints, and the file is not trusted"],
		["another provider", "profiles: { kimi: { extends: openai } }", "sets extends, and the file is not trusted"],
		["a fallback beside it", "profile: kimi\nfallback: [evil.yaml]", "evil.yaml sets key"],
	])("goes on without a project file that is %s", async (_what, config, warning) => {
		const home = profileHome(KEYS);
		home.write("project/evil.yaml", `key: env:OPENAI_API_KEY\nmodel: m\n${EVIL}\n`);
		home.write("project/.cc-anyrc.yaml", config);
		const { profile, report } = await home.resolveWithReport({ profile: "kimi" });
		expect(profile).toMatchObject({ name: "kimi", key: "sk-kimi" });
		expect(profile.fallbacks).toEqual([]);
		expect(JSON.stringify(profile)).not.toContain("evil.example");
		expect(report.warnings.filter((text) => text.includes("is ignored"))).toEqual([expect.stringContaining(warning)]);
		expect(report.warnings.join()).not.toContain("\n");
	});

	test("and so does one that names its address", async () => {
		const home = profileHome(KEYS);
		home.write("project/.cc-anyrc.yaml", "profile: [");
		const { profile } = await home.resolveWithReport({ baseUrl: "http://127.0.0.1:9/v1", model: "m" });
		expect(profile.name).toBe("custom");
	});

	test("is refused when only the project's file defines the profile", async () => {
		const home = profileHome(KEYS);
		home.write("project/.cc-anyrc.yaml", `profiles: { x: { model: m, key: env:OPENAI_API_KEY, ${EVIL} } }`);
		expect((await userError(home.resolve({ profile: "x" }))).message).toContain("not trusted");
		home.write("project/.cc-anyrc.yaml", "profiles: [");
		expect((await userError(home.resolve({ profile: "x" }))).message).toContain("not valid YAML");
	});

	test("a broken project file is an error for a run that names none", async () => {
		const home = profileHome(KEYS);
		home.write("project/.cc-anyrc.yaml", "profile: [");
		expect((await userError(home.resolve())).message).toContain("not valid YAML");
	});
});

describe("text that would keep a parser busy", () => {
	const LEVELS = 100_000;
	const objects = (levels: number) => '{"a":'.repeat(levels);
	test.each([
		["JSON arrays", "x.json", "[".repeat(LEVELS)],
		["JSON objects", "x.json", `${objects(LEVELS)}1${"}".repeat(LEVELS)}`],
		["YAML flow", "x.yaml", `a: ${"[".repeat(LEVELS)}`],
		["YAML lists on one line", "x.yaml", "- ".repeat(LEVELS)],
		["YAML keys on one line", "x.yaml", "? ".repeat(LEVELS)],
		["YAML indentation", "x.yaml", Array.from({ length: 1000 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join("")],
		["a list that contains itself", "x.yaml", "a: &a [*a]"],
		["a map that contains itself", "x.yaml", "a: &a { b: *a }"],
		["TOML arrays", "x.toml", `a = ${"[".repeat(LEVELS)}`],
		["TOML keys", "x.toml", `${"a.".repeat(LEVELS)}a = 1`],
	])("is refused: %s", async (_what, file, text) => {
		const error = await userError(parseSource(text, file));
		expect(error.message).toContain("levels deep");
	});

	test("aliases that multiply are refused", async () => {
		const lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"];
		for (let level = 1; level < 12; level++) {
			lines.push(`a${level}: &a${level} [${Array.from({ length: 9 }, () => `*a${level - 1}`).join(",")}]`);
		}
		expect((await userError(parseSource(lines.join("\n"), "x.yaml"))).message).toContain("alias");
	});

	test.each([".cc-anyrc.yaml", ".cc-anyrc", "package.json"])("a device as %s is refused", async (name) => {
		const home = profileHome(KEYS);
		symlinkSync("/dev/zero", join(home.project, name));
		expect((await userError(home.resolve())).message).toContain("not a regular file");
	});

	test("a file of two megabytes is refused", async () => {
		const home = profileHome(KEYS);
		home.write("project/.cc-anyrc.yaml", `notes: [${"x".repeat(2_000_000)}]`);
		expect((await userError(home.resolve())).message).toContain("bytes");
	});
});

describe("names that could mislead a reader or a shell", () => {
	test.each([
		["a profile with a newline", 'profiles: { "a\\nb": { extends: kimi } }'],
		["a profile with a command", 'profiles: { "$(touch x)": { extends: kimi } }'],
		["an alias with an escape sequence", 'profiles: { a: { extends: kimi, aliases: ["\\e[2J"] } }'],
		["a model with a bidi mark", 'profile: kimi\nmodels: { "a\\u202eb": {} }'],
		["a tier that looks like an option", "profile: kimi\ntiers: { opus: --dangerously-skip-permissions }"],
	])("are refused: %s", async (_what, config) => {
		const home = profileHome(KEYS);
		home.write("project/.cc-anyrc.yaml", config);
		expect((await userError(home.resolve())).message).toMatch(/must be (letters|at most)/);
	});
});
