import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
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
	const lesson = { path: ["models", "test-model", "vision"], value: false, before: true, why: "an image was not seen" };
	expect(against({ lessons: [lesson] })).toEqual([
		"the profile does not say yet what it taught: models.test-model.vision",
	]);
});
