import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { assertSupported, installedVersion, problemsOf } from "../../src/launch/claude-versions.ts";
import { profileHome } from "../support/profile-home.ts";
import { CLAUDES } from "../support/real-claude.ts";

test("an older Claude Code is refused, with the reason and what to do", () => {
	expect(() => assertSupported("2.0.75")).toThrow(/2\.0\.75 is too old: cc-any works with 2\.0\.76 and later, because/);
	expect(() => assertSupported("2.0.76")).not.toThrow();
	expect(() => assertSupported("10.0.0")).not.toThrow();
});

test("a known problem is named where it matters", () => {
	expect(problemsOf("2.1.80", 65_536)).toEqual([
		expect.stringMatching(/^Claude Code 2\.1\.80 assumes .* 200,000 tokens/),
	]);
	expect(problemsOf("2.1.80", 1_000_000)).toEqual([]);
	expect(problemsOf("2.1.80", undefined)).toEqual([]);
	expect(problemsOf("2.1.118", 65_536)).toEqual([]);
});

test("the version of each kind of installation, without starting it", () => {
	for (const [version, program] of CLAUDES) expect(installedVersion(program)).toBe(version);
	const home = profileHome();
	const file = (path: string, text = "") => {
		mkdirSync(dirname(join(home.home, path)), { recursive: true });
		return home.write(path, text);
	};
	const native = file(".local/share/claude/versions/2.1.99");
	symlinkSync(native, join(home.home, "claude"));
	expect(installedVersion(join(home.home, "claude"))).toBe("2.1.99");
	const manifest = JSON.stringify({ name: "@anthropic-ai/claude-code", version: "2.1.98" });
	file("npm/node_modules/@anthropic-ai/claude-code/package.json", manifest);
	expect(installedVersion(file("npm/claude.cmd"))).toBe("2.1.98");
	expect(installedVersion(file("npm/node_modules/@anthropic-ai/claude-code/cli.js"))).toBe("2.1.98");
	file("other/package.json", JSON.stringify({ name: "other", version: "1.0.0" }));
	writeFileSync(join(home.home, "package.json"), "no JSON");
	expect(installedVersion(file("other/claude"))).toBeUndefined();
	expect(installedVersion("/nowhere/claude")).toBeUndefined();
});
