import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

const environment = () => ({ HOME: folder, PATH: process.env["PATH"] ?? "" });

function run(words: string[]): string {
	return execFileSync(program, words, {
		cwd: folder,
		env: environment(),
		encoding: "utf8",
		stdio: ["ignore", "pipe", "pipe"],
	});
}

describe("the packed tarball in an empty prefix", () => {
	test("has its version, its help and its profiles", () => {
		const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
		const [first, rest] = run(["--version"]).split(" (");
		expect(first).toBe(version);
		expect(rest).toMatch(/^Node \d+\.\d+\.\d+, (?:Claude Code \d+\.\d+\.\d+|no Claude Code found)\)\n$/);
		expect(run(["--help"])).toContain("cc-any [options] [claude arguments…]");
		expect(run(["profiles"])).toContain("deepseek");
	});

	test("runs the real Claude Code on the demo model, which calls tools and finishes", () => {
		const [, claude] = CLAUDES[1];
		const words = ["--profile", "demo", "--claude", claude, "-p", "go", "--allowedTools", "Write,Read,Edit,Bash"];
		expect(run(words)).toContain("Done: a file was written, read, edited and shown");
		expect(readFileSync(join(folder, "cc-any-demo.txt"), "utf8")).toContain("Written and edited by Claude Code");
	});

	test("holds the program, its docs and the licences, and nothing else is installed", () => {
		const modules = join(folder, "prefix/lib/node_modules");
		const installed = join(modules, "cc-any");
		expect(readdirSync(modules)).toEqual(["cc-any"]);
		expect(readdirSync(installed).sort()).toEqual(
			["CHANGELOG.md", "LICENSE", "README.md", "bin", "dist", "docs", "package.json"].sort(),
		);
		expect(readFileSync(join(installed, "dist/cli.js"), "utf8")).not.toContain(root);
		const notices = readFileSync(join(installed, "dist/THIRD-PARTY-NOTICES.txt"), "utf8");
		for (const text of ["commander 14.", "pdf.js, Copyright Mozilla Foundation", "(Apache-2.0)", "Apache License"]) {
			expect(notices).toContain(text);
		}
	});

	test("an error names a page of the docs that is installed", () => {
		const profile = join(folder, "wrong.yaml");
		writeFileSync(profile, "dialet: openai-chat\n");
		const { stderr } = spawnSync(program, ["--profile", profile, "--dry-run"], {
			encoding: "utf8",
			env: environment(),
		});
		const [page] = /\S+\/docs\/profiles\.md/.exec(stderr) ?? [];
		expect(readFileSync(page ?? "", "utf8")).toContain("dialect");
	});
});
