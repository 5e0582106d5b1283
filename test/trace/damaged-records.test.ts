import { writeFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { exitSummary } from "../../src/cli/commands/run/exit-summary.ts";
import { exchangeRow } from "../../src/cli/commands/trace/lines.ts";
import { describeExchange } from "../../src/cli/commands/trace/show.ts";
import { UserError } from "../../src/platform/user-error.ts";
import { divergentExchanges, explain } from "../../src/trace/explain/explain.ts";
import { readIfPossible, readSession, readTrace, sessionIds } from "../../src/trace/store/sessions.ts";
import { summarise } from "../../src/trace/store/summarise.ts";
import { mutate, seeded } from "../support/mutate-json.ts";

const ID = "20261129-120000-0abc";
const HEAD = { session: ID, startedAt: 1, profile: "p", version: "0.1.0", directory: "/w", pid: 1, traced: false };
const RECORD = {
	number: 1,
	startedAt: 1,
	purpose: "main",
	claudeSession: "s",
	requestedModel: "m",
	servedModel: "m",
	profile: "p",
	stream: true,
	attempts: 1,
	status: 400,
	duration: 9,
	sentAt: 1,
	headersAt: 2,
	firstToken: 3,
	tokensPerSecond: 5,
	marks: [1, 2],
	limits: { "limit-requests": 5 },
	usage: { input_tokens: 1, output_tokens: 2, cache_read_input_tokens: 0 },
	cost: 0.1,
	prefixBreak: { place: "tools", byte: 1, cause: "tools: +X", lostTokens: 3, lostCost: 1 },
	stopReason: "end_turn",
	tools: ["Bash"],
	failure: "rate-limit: wait",
	failureClass: "rate-limit",
	divergences: [{ kind: "retry", where: "upstream", seen: "a", done: "b", data: { fields: ["x"] } }],
};

let folder: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "cc-any-records-"));
});
afterEach(() => rm(folder, { recursive: true }));

function write(...lines: string[]): void {
	writeFileSync(join(folder, `${ID}.jsonl`), lines.join("\n"));
}

describe("a record of a session", () => {
	test.each([
		["null", "null"],
		["a list", "[]"],
		["another form", '{"number":"1"}'],
		["half a line", '{"number":1,'],
		["bytes that are no text", "\0\uFFFD\0"],
		["a divergence that is null", JSON.stringify({ ...RECORD, divergences: [null] })],
	])("with %s among its lines is read without it, which is counted", async (_what, line) => {
		write(JSON.stringify(HEAD), line, JSON.stringify(RECORD), "");
		expect(await readSession(folder, ID)).toMatchObject({ records: [RECORD], unreadable: 1 });
	});

	test("whose last line a killed process left incomplete is read without it", async () => {
		write(JSON.stringify(HEAD), JSON.stringify(RECORD), '{"number":2,"star');
		expect(await readSession(folder, ID)).toMatchObject({ records: [RECORD], unreadable: 0 });
	});

	test.each(["", "null\n", "{}\n", '{"session":1}\n', "not JSON\n"])(
		"without a head is an error of its own: %j",
		async (text) => {
			write(text);
			await expect(readSession(folder, ID)).rejects.toThrow(UserError);
			expect(await readIfPossible(folder, ID)).toBeUndefined();
			expect(await sessionIds(folder)).toEqual([ID]);
		},
	);

	test("with 10,000 mutated lines never makes a reader of records fail", async () => {
		const random = seeded(23);
		const lines = Array.from({ length: 10_000 }, () => JSON.stringify(mutate(RECORD, random)));
		write(JSON.stringify(HEAD), ...lines, "");
		const { records, unreadable } = await readSession(folder, ID);
		expect(records.length + unreadable).toBe(10_000);
		expect(records.length).toBeGreaterThan(2000);
		for (const record of records) {
			exchangeRow(record);
			describeExchange(record, undefined);
			divergentExchanges([record]);
			explain(record);
			exitSummary(summarise([record]), ID);
		}
		summarise(records);
	});
});

describe("a full trace", () => {
	test.each([
		["no archive", "x"],
		["an empty file", ""],
	])("that is %s is an error with its path", async (_what, text) => {
		await mkdir(join(folder, ID));
		writeFileSync(join(folder, ID, "00001.tar.gz"), text);
		const read = readTrace(folder, ID, 1);
		await expect(read).rejects.toThrow(UserError);
	});
});
