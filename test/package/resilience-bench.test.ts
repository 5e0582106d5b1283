import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, test } from "vitest";

const fileAt = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

test("the resilience benchmark measures both arms: a Retry-After is kept, and nobody is refused", async () => {
	const folder = mkdtempSync(join(tmpdir(), "cc-any-bench-test-"));
	const file = join(folder, "result.json");
	const words = ["resilience", "--runs", "1", "--only", "Retry-After: 5", "--json", file];
	await execa(process.execPath, [fileAt("bench/run.mjs"), ...words]);
	const { cells } = JSON.parse(readFileSync(file, "utf8"));
	rmSync(folder, { recursive: true });
	expect(cells).toHaveLength(1);
	const [{ direct, ccAny }] = cells[0].runs;
	expect([direct.answersPerMinute, ccAny.answersPerMinute]).toEqual([12, 12]);
	expect(ccAny.errors).toBe(0);
	expect(ccAny.requests).toBeLessThanOrEqual(direct.requests);
	// The provider said 5 s.
	expect(ccAny.backAfterMs[0]).toBeGreaterThan(5000);
}, 60_000);

test("the table in docs/resilience.md is the one of the committed results", async () => {
	const { tableOf } = (await import(fileAt("bench/resilience/table.mjs"))) as { tableOf: (results: unknown) => string };
	const results: unknown = JSON.parse(readFileSync(fileAt("bench/resilience/results.json"), "utf8"));
	// The formatter aligns the columns.
	const squeezed = (text: string) => text.replace(/ +/g, " ").replace(/-{3,}/g, "---");
	expect(squeezed(readFileSync(fileAt("docs/resilience.md"), "utf8"))).toContain(squeezed(tableOf(results)));
});
