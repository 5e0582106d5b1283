import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { CheckReport } from "../../src/check/report/report.ts";
import type { ProfileFile } from "../../src/profile/model/schema.ts";
import { builtinNames, readBuiltin } from "../../src/profile/sources/builtin.ts";
import { checkWith, keepStateApart } from "../support/check-provider.ts";
import { reasonsAgainst } from "../support/verification.ts";

const docs = join(import.meta.dirname, "../../docs");
const reports = join(docs, "checks");

keepStateApart();

test("a built-in profile is verified by a report in docs/checks, and by nothing else", async () => {
	for (const name of builtinNames()) {
		const profile = (await readBuiltin(name))?.values as ProfileFile;
		const file = join(reports, `${name}.json`);
		const isVerified = existsSync(file);
		expect(profile.status, name).toBe(isVerified ? "verified" : "documented");
		if (!isVerified) continue;
		const [report] = JSON.parse(readFileSync(file, "utf8")) as [CheckReport];
		expect(reasonsAgainst(report, profile), file).toEqual([]);
	}
});

test("docs/checks has reports of built-in profiles only", async () => {
	const kept = existsSync(reports) ? readdirSync(reports).filter((name) => name.endsWith(".json")) : [];
	expect(builtinNames()).toEqual(expect.arrayContaining(kept.map((name) => name.replace(/\.json$/, ""))));
});

test("npm run checks-table lists the reports", () => {
	const folder = mkdtempSync(join(tmpdir(), "cc-any-checks-"));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	const findings = [{ name: "image" }, { name: "unavailable: rate-limit" }];
	const score = { grade: "B", repaired: 0.8999, raw: 0.75, findings };
	const report = { profile: "kimi", model: "a|b", endpoint: "h/v1", startedAt: 0, version: "1", runs: 5, score };
	writeFileSync(join(folder, "kimi.json"), JSON.stringify([report]));
	const file = join(folder, "checks.md");
	execFileSync(process.execPath, [join(docs, "../scripts/checks-table.mjs"), folder, file]);
	expect(readFileSync(file, "utf8")).toContain(
		"\n| kimi | a\\|b | h/v1 | 1970-01-01 | 1 | 5 | B | 89 % | 75 % | image, unavailable: rate-limit |\n",
	);
	const kept = readFileSync(join(docs, "checks.md"), "utf8");
	execFileSync(process.execPath, [join(docs, "../scripts/checks-table.mjs"), reports, file]);
	expect(readFileSync(file, "utf8"), "out of date: npm run checks-table").toBe(kept);
});

test("what a report needs in order to verify a profile", async () => {
	const report = await checkWith(undefined, { runs: 3 });
	const profile: ProfileFile = {
		name: "test",
		endpoints: { "openai-chat": { baseUrl: `http://${report.endpoint}` } },
		tiers: { opus: "test-model" },
	};
	const against = (changes: Partial<CheckReport>) => reasonsAgainst({ ...report, ...changes }, profile);
	expect(against({})).toEqual([]);
	expect(against({ profile: "other" })).toEqual(["it is of other"]);
	expect(against({ endpoint: "127.0.0.1:1/v1" })).toEqual(["127.0.0.1:1/v1 is not an endpoint of the profile"]);
	expect(against({ model: "small" })).toEqual(["small is the model of no tier"]);
	expect(against({ stopped: "interrupted" })).toEqual(["it stopped early: interrupted"]);
	expect(against({ runs: 2 })).toEqual(expect.arrayContaining(["2 runs are fewer than 3"]));
	expect(against({ score: { ...report.score, grade: "C" } })).toEqual(["its grade is C"]);
	const probes = report.score.probes.slice(1);
	expect(against({ score: { ...report.score, probes } })).toEqual(["not run: single-call"]);
	const lesson = {
		path: ["models", "test-model", "vision"],
		value: false,
		before: true,
		why: "the model did not see an image",
	};
	expect(against({ lessons: [lesson] })).toEqual([
		"the profile does not say yet what it taught: models.test-model.vision",
	]);
});
