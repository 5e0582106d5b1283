import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, test } from "vitest";

const fileAt = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

test("the smoothness benchmark runs: lumps are spread, and the end is not late", async () => {
	const folder = mkdtempSync(join(tmpdir(), "cc-any-bench-test-"));
	const file = join(folder, "result.json");
	await execa(process.execPath, [fileAt("bench/run.mjs"), "smoothness", "--only", "three lumps", "--json", file]);
	const { rows } = JSON.parse(readFileSync(file, "utf8"));
	rmSync(folder, { recursive: true });
	expect(rows).toHaveLength(1);
	const [{ provider, ccAny, endMs }] = rows;
	expect(provider.inMotion).toBeCloseTo(0);
	expect(ccAny.inMotion).toBeGreaterThan(0.4);
	expect(endMs).toBeLessThan(500);
}, 60_000);

test("the table in docs/repairs.md is the one of the committed results", async () => {
	const { tableOf } = (await import(fileAt("bench/smoothness/table.mjs"))) as { tableOf: (results: unknown) => string };
	const results: unknown = JSON.parse(readFileSync(fileAt("bench/smoothness/results.json"), "utf8"));
	// The formatter aligns the columns.
	const squeezed = (text: string) => text.replace(/ +/g, " ").replace(/-{3,}/g, "---");
	expect(squeezed(readFileSync(fileAt("docs/repairs.md"), "utf8"))).toContain(squeezed(tableOf(results)));
});
