import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { classifyFailure } from "../../src/upstream/failures/classify.ts";
import { errorWordingsPage, type WordingRow } from "../support/error-wordings-page.ts";

const root = new URL("../../", import.meta.url);
const rows: WordingRow[] = JSON.parse(readFileSync(new URL("test/fixtures/failures/wordings.json", root), "utf8"));
const NOW = Date.parse("2026-11-25T06:00:00Z");

describe("what servers were seen to send is read", () => {
	test.each(rows.map((row) => [row.server, row.kind, row.sample.slice(0, 80), row] as const))(
		"%s, %s: %s",
		(_server, kind, _words, row) => {
			const status = row.status ?? (["rate-limit", "quota"].includes(kind) ? 429 : 400);
			const source = { status, headers: {}, body: row.sample, maxTokens: row.maxTokens };
			const failure = classifyFailure(source, row.now ?? NOW);
			expect(failure.class).toBe(row.expect.class);
			expect(failure.limit).toEqual(row.expect.limit);
			if (kind === "refused") expect(failure.refusal).toEqual(row.expect.refusal);
			if (row.expect.retryAfter === undefined) expect(failure.retryAfter).toBeUndefined();
			else expect(failure.retryAfter).toBeCloseTo(row.expect.retryAfter, 3);
		},
	);
});

describe("the table of wordings", () => {
	test("has a literal sample and a public source in every row", () => {
		const incomplete = rows.filter(({ sample, source }) => sample.trim().length < 8 || !source.startsWith("https://"));
		expect(incomplete).toEqual([]);
	});

	test("quotes literally: no sample with a placeholder is shown as sent by a server", () => {
		const edited = rows.filter(({ evidence, sample }) => evidence !== "partial" && /…|\bXXX\b/.test(sample));
		expect(edited).toEqual([]);
	});

	test("has at least 60 rows of limits over 25 servers", () => {
		const limits = rows.filter(({ kind, evidence }) => LIMIT_KINDS.has(kind) && !WEAK_EVIDENCE.has(evidence));
		expect(limits.length).toBeGreaterThanOrEqual(60);
		expect(new Set(limits.map(({ server }) => server)).size).toBeGreaterThanOrEqual(25);
	});

	test("has each numbers' kind decided by the numbers", () => {
		const wrong = rows.filter(({ expect: { limit } }) => {
			if (limit?.kind !== "prompt-too-long" && limit?.kind !== "output-too-large") return false;
			const { tokens, window } = limit;
			const fits = tokens !== undefined && window !== undefined && tokens < window;
			return fits !== (limit.kind === "output-too-large") && tokens !== undefined && window !== undefined;
		});
		expect(wrong).toEqual([]);
	});

	test("is what docs/error-wordings.md shows", () => {
		const page = new URL("docs/error-wordings.md", root);
		const generated = errorWordingsPage(rows);
		if (process.env["UPDATE_DOCS"] === "1") writeFileSync(page, generated);
		else expect(readFileSync(page, "utf8"), "out of date: `npm run docs` writes it").toBe(generated);
	});
});

const LIMIT_KINDS = new Set(["prompt-too-long", "output-too-large", "cannot-afford"]);
const WEAK_EVIDENCE = new Set(["partial", "derived"]);
