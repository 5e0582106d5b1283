import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, test } from "vitest";

const BENCH = fileURLToPath(new URL("../../bench/proxy/run.mjs", import.meta.url));

/** Runs the benchmark in its short form. Its ratios are printed, and judged by people: a busy machine proves nothing. */
test.skipIf(process.platform !== "linux")(
	"the benchmark runs, and measures every row for every target",
	async () => {
		const folder = mkdtempSync(join(tmpdir(), "cc-any-bench-test-"));
		const file = join(folder, "result.json");
		const { stdout } = await execa(process.execPath, [BENCH, "chat", "messages", "--short", "--json", file]);
		process.stdout.write(`${stdout}\n`);
		const result: Record<string, Record<string, { value: number; ratio: number }>> = JSON.parse(
			readFileSync(file, "utf8"),
		);
		rmSync(folder, { recursive: true });
		expect(Object.keys(result).length).toBeGreaterThan(12);
		for (const [title, cells] of Object.entries(result)) {
			expect(Object.keys(cells), title).toEqual(["pipe", "chat", "messages"]);
			for (const { value } of Object.values(cells)) expect(Number.isFinite(value), title).toBe(true);
		}
		// No delta is lost, however the machine does: 4,000 of them arrive in a moment.
		expect(result["deltas/s"]?.["chat"]?.value).toBeGreaterThan(1000);
	},
	240_000,
);
