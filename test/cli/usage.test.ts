import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { timeOf } from "../../src/cli/commands/usage.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { newSessionId } from "../../src/trace/record/session-id.ts";
import { Sandbox } from "../support/processes.ts";
import { sampleRecord } from "../support/sample-session.ts";

const HOUR = 3_600_000;
let sandbox: Sandbox;

beforeEach(() => {
	sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

function session(directory: string, records: readonly Partial<ExchangeRecord>[]): string {
	const folder = sandbox.path("home/.local/state/cc-any/sessions");
	mkdirSync(folder, { recursive: true });
	const id = newSessionId();
	const head = { session: id, startedAt: 0, profile: "sample", version: "0", directory, pid: 1, traced: false };
	const whole = records.map((record, index) => ({ ...sampleRecord(index + 1, 0), ...record }));
	const file = join(folder, `${id}.jsonl`);
	writeFileSync(file, [head, ...whole].map((line) => `${JSON.stringify(line)}\n`).join(""));
	return file;
}

async function usage(...words: string[]) {
	const run = sandbox.ccAny(["usage", ...words], sandbox.environment({}));
	return { code: await run.ended, stdout: run.stdout, stderr: run.stderr };
}

const now = Date.now();
const counts = { input_tokens: 1000, cache_read_input_tokens: 3000, output_tokens: 50 };
const paid = {
	startedAt: now - HOUR,
	usage: counts,
	cost: 0.5,
	profile: "sample",
	servedModel: "large",
	purpose: "main",
};
const { cost: _cost, ...unpriced } = { ...paid, cost: undefined, servedModel: "small" };

describe("records of two sessions", () => {
	beforeEach(() => {
		session("/one", [paid, { ...paid, startedAt: now - 30 * HOUR }, { ...paid, purpose: "count" }] as never);
		session("/two", [{ ...unpriced, cost: undefined, profile: "other" }] as never);
	});

	test("by profile: sums, and a price that is not known is unknown, not zero", async () => {
		const { code, stdout } = await usage();
		expect(code).toBe(0);
		const rows = stdout.split("\n").map((line) => line.trim().split(/ {2,}/));
		expect(rows).toEqual([
			["profile", "requests", "in", "cached", "out", "cost"],
			["sample", "2", "8.0k", "75 %", "100", "$1.00"],
			["other", "1", "4.0k", "75 %", "50", "unknown"],
			["total", "3", "12k", "75 %", "150", "$1.00 and 1 request of unknown price"],
			[""],
		]);
	});

	test.each([
		["model", ["sample/large", "other/small"]],
		["project", ["/one", "/two"]],
	])("by %s", async (by, names) => {
		const { groups, total } = JSON.parse((await usage("--by", by, "--json")).stdout);
		expect(groups.map(({ name }: { name: string }) => name)).toEqual(names);
		expect(total).toMatchObject({ requests: 3, inputTokens: 12_000, cost: 1, unpriced: 1 });
	});

	test("--since cuts by the time of each request, days are in order", async () => {
		const recent = JSON.parse((await usage("--since", "24h", "--json")).stdout);
		expect(recent.total.requests).toBe(2);
		const { groups } = JSON.parse((await usage("--by", "day", "--json")).stdout);
		const days = groups.map(({ name }: { name: string }) => name);
		expect(days).toEqual([...days].sort());
		expect(days.length).toBeGreaterThan(1);
	});
});

test("replies without token counts are reported", async () => {
	session("/one", [{ ...paid, usage: undefined, cost: undefined, status: 200 }] as never);
	const { stdout, stderr } = await usage();
	expect(stdout).toMatch(/sample +1 +\? +\? +\? +unknown/);
	expect(stderr).toContain("1 reply came without token counts and are not in the sums");
});

test("nothing recorded; a damaged record is skipped with a warning", async () => {
	expect(await usage()).toMatchObject({ code: 0, stdout: "", stderr: expect.stringContaining("nothing is recorded") });
	writeFileSync(session("/one", []), "");
	expect((await usage()).stderr).toMatch(/session \S+ is skipped: the record \S+ is empty/);
});

test("times", async () => {
	expect([timeOf("12h", 100 * HOUR), timeOf("2d", 100 * HOUR), timeOf("1w", 200 * HOUR)]).toEqual([
		88 * HOUR,
		52 * HOUR,
		32 * HOUR,
	]);
	expect(timeOf("2026-01-05", 0)).toBe(new Date(2026, 0, 5).getTime());
	expect(await usage("--since", "yesterday")).toMatchObject({
		code: 2,
		stderr: expect.stringContaining("12h, 7d, 4w"),
	});
});
