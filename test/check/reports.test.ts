import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { changesBetween } from "../../src/check/report/compare.ts";
import { keepReport, lastReports } from "../../src/check/report/history.ts";
import { reportAsHtml } from "../../src/check/report/html.ts";
import { reportsAsMarkdown } from "../../src/check/report/markdown.ts";
import type { CheckReport } from "../../src/check/report/report.ts";
import type { ProbeResult } from "../../src/check/run/run-checks.ts";
import { scoreOf } from "../../src/check/run/score.ts";
import { describeComparison } from "../../src/cli/commands/check/describe-comparison.ts";
import { describeReport } from "../../src/cli/commands/check/describe-report.ts";
import { chromiumPath, launchChromium } from "../support/browser.ts";
import { checkWith } from "../support/check-provider.ts";

const home = mkdtempSync(join(tmpdir(), "cc-any-check-"));
const environment = { env: { XDG_STATE_HOME: home }, home };
beforeAll(() => void vi.stubEnv("XDG_STATE_HOME", home));
afterAll(() => {
	vi.unstubAllEnvs();
	rmSync(home, { recursive: true, force: true });
});

function sample(passed: number, runs: number, changes: Partial<CheckReport> = {}): CheckReport {
	const trials = Array.from({ length: runs }, (_, index) => {
		const isGood = index < passed;
		return {
			passed: isGood,
			raw: isGood,
			repairs: [],
			survived: [],
			divergences: [],
			detail: "<script>alert(1)</script> | `x`",
			duration: 1,
		};
	});
	const results: ProbeResult[] = [
		{ name: "single-call", claim: "a claim", weight: 3, trials },
		{ name: "image", claim: "another", weight: 2, trials: [], skipped: "the model has no vision in its profile" },
	];
	const expense = { requests: runs, inputTokens: 10, outputTokens: 5, cost: 0.01, duration: 1000 };
	const head = { profile: "sample", model: "org/model-1", endpoint: "api.sample.test/v1", version: "1.2.3" };
	return {
		...head,
		startedAt: 1_750_000_000_000,
		runs,
		loops: [],
		lessons: [],
		expense,
		score: scoreOf(results),
		...changes,
	};
}

describe("history", () => {
	test("the newest report of the same profile and model comes back, private to the user", async () => {
		expect(await lastReports(sample(1, 1), environment, 1)).toEqual([]);
		const older = sample(1, 3);
		const newer = sample(2, 3, { startedAt: older.startedAt + 60_000 });
		const file = await keepReport(newer, environment);
		await keepReport(older, environment);
		await keepReport(sample(3, 3, { model: "org_model-1", startedAt: older.startedAt + 120_000 }), environment);
		expect(await lastReports(older, environment, 2)).toEqual([newer, older]);
		expect(await lastReports({ profile: "other", model: "org/model-1" }, environment, 1)).toEqual([]);
		expect(statSync(file).mode & 0o777).toBe(0o600);
		expect(statSync(join(home, "cc-any/checks")).mode & 0o777).toBe(0o700);
	});

	test("a file that was cut off is passed over, and old ones go", async () => {
		const folder = join(home, "cc-any/checks");
		writeFileSync(join(folder, "2099-01-01T00-00-00-000Z-sample-org_model-1.json"), '{"profile":');
		expect((await lastReports(sample(1, 1), environment, 1))[0]?.profile).toBe("sample");
		for (let index = 0; index < 210; index++) await keepReport(sample(1, 1, { startedAt: index }), environment);
		expect(readdirSync(folder)).toHaveLength(200);
	});
});

test("a change is significant only where chance does not explain it", () => {
	expect(changesBetween(sample(3, 3), sample(3, 3))).toEqual([]);
	expect(changesBetween(sample(3, 3), sample(0, 3))).toMatchObject([{ probe: "single-call", isSignificant: false }]);
	expect(changesBetween(sample(20, 20), sample(9, 20))).toMatchObject([{ isSignificant: true }]);
});

test("a report of every probe, and two side by side, fit one screen of 80 columns and 40 lines", async () => {
	const faulty = await checkWith(
		(reply) =>
			reply.toolCalls && reply.toolCalls.length > 1 ? { ...reply, toolCalls: reply.toolCalls.slice(0, 1) } : reply,
		{ runs: 1 },
	);
	const screens = [describeReport(faulty, 80), describeComparison([faulty, faulty])].map(stripVTControlCharacters);
	for (const screen of screens) {
		const lines = screen.split("\n");
		expect(lines.length).toBeLessThanOrEqual(40);
		expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
		// Every probe is there, as a row or by its name in a paragraph.
		for (const { name } of faulty.score.probes) expect(screen).toContain(name);
	}
	expect(screens[0]).toMatch(/^parallel-calls +2 +0 % +0 % +0–79 +3 calls expected/m);
});

test("foreign text stays text in Markdown and HTML", () => {
	const report = sample(0, 3, { profile: "<b>|x" });
	expect(reportsAsMarkdown([report])).toContain("\\<script\\>alert(1)\\</script\\> \\| \\`x\\`");
	const html = reportAsHtml([report]);
	expect(html).not.toContain("<script");
	expect(html).toContain("&#60;b&#62;|x");
	expect(html).not.toMatch(/(src|href)=/);
});

test("the page in a browser: charts, table, no error and no request", async ({ skip }) => {
	const chromium = chromiumPath();
	if (!chromium) return skip("no Chromium");
	const report = await checkWith(
		(reply, request) => {
			const calls = reply.toolCalls ?? [];
			if (calls.length > 1) return { ...reply, toolCalls: calls.slice(0, 1) };
			const [call] = calls;
			const isDamaged = call?.name === "Read" && JSON.stringify(request.messages).length % 3 === 0;
			if (!call || !isDamaged) return reply;
			return { toolCalls: [{ ...call, arguments: JSON.stringify(call.arguments).replace(/}$/, ",}") }] };
		},
		{ runs: Number(process.env["CC_ANY_CHECK_RUNS"] ?? 2), turns: 60, profile: { name: "sample" } },
	);
	const browser = await launchChromium(chromium);
	const file = join(home, "check.html");
	writeFileSync(file, reportAsHtml([report]));
	try {
		const page = await browser.newPage({ viewport: { width: 1100, height: 1000 } });
		const errors: string[] = [];
		const requests: string[] = [];
		page.on("console", (message) => void (message.type() === "error" && errors.push(message.text())));
		page.on("pageerror", (error) => void errors.push(String(error)));
		page.on("request", (request) => void requests.push(request.url()));
		await page.goto(`file://${file}`);
		expect(await page.locator("svg.bar").count()).toBe(report.score.probes.length);
		expect(await page.locator("svg.loop rect").count()).toBe(61);
		expect(await page.locator("tr", { hasText: "parallel-calls" }).last().textContent()).toContain(
			"3 calls expected, made: Read",
		);
		for (const width of [390, 1100]) {
			await page.setViewportSize({ width, height: 1000 });
			expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
		}
		expect(errors).toEqual([]);
		expect(requests).toEqual([`file://${file}`]);
		const picture = process.env["CC_ANY_CHECK_PICTURE"];
		if (picture) await page.screenshot({ path: picture });
	} finally {
		await browser.close();
	}
});

test("a difference is significant below a chance of 5 %", () => {
	// Fisher's exact test: 0.0476 for 5 of 5 against 1 of 5, 0.0606 for 6 of 6 against 2 of 6.
	expect(changesBetween(sample(5, 5), sample(1, 5))).toMatchObject([{ isSignificant: true }]);
	expect(changesBetween(sample(6, 6), sample(2, 6))).toMatchObject([{ isSignificant: false }]);
});
