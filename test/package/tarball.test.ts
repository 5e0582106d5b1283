import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLAUDES } from "../support/real-claude.ts";

const root = join(import.meta.dirname, "../..");
let folder: string;
let program: string;

/** What a user does: pack, `npm i -g` into an empty prefix, run from there. */
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "cc-any-package-"));
	// Scripts off: `prepare` would build again under the feet of other tests; the build has run before them.
	const packed = npm(["pack", "--ignore-scripts", "--json", "--pack-destination", folder], root);
	const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
	const prefix = join(folder, "prefix");
	npm(["install", "--global", "--prefix", prefix, "--no-audit", "--no-fund", join(folder, filename)], folder);
	program = join(prefix, "bin/cc-any");
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function npm(words: string[], cwd: string): string {
	return execFileSync("npm", words, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function run(words: string[]): string {
	const env = { HOME: folder, PATH: process.env["PATH"] ?? "" };
	return execFileSync(program, words, { cwd: folder, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

describe("the packed tarball in an empty prefix", () => {
	test("has its version, its help and its profiles", () => {
		const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
		expect(run(["--version"])).toBe(`${version}\n`);
		expect(run(["--help"])).toContain("cc-any [options] [claude arguments…]");
		expect(run(["profiles"])).toContain("deepseek");
	});

	test("runs the real Claude Code on the demo model, which calls tools and finishes", () => {
		const [, claude] = CLAUDES[1];
		const words = ["--profile", "demo", "--claude", claude, "-p", "go", "--allowedTools", "Write,Read,Edit,Bash"];
		expect(run(words)).toContain("Done: a file was written, read, edited and shown");
		expect(readFileSync(join(folder, "cc-any-demo.txt"), "utf8")).toContain("Written and edited by Claude Code");
	});

	test("holds no sources, no tests and no machine path", () => {
		const installed = join(folder, "prefix/lib/node_modules/cc-any");
		expect(existsSync(join(installed, "src"))).toBe(false);
		expect(existsSync(join(installed, "test"))).toBe(false);
		expect(readFileSync(join(installed, "dist/cli.js"), "utf8")).not.toContain(root);
	});
});
