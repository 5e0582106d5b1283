import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { GrowingFile } from "../../src/platform/growing-file.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "cc-any-growing-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("gives each complete line once, also where a look falls into the middle of a character", async () => {
	const path = join(folder, "x.jsonl");
	writeFileSync(path, "");
	const file = new GrowingFile(path);
	const bytes = Buffer.from("one\nzwölf €\nlast\n");
	const lines: string[] = [];
	for (const byte of bytes) {
		appendFileSync(path, Buffer.of(byte));
		lines.push(...(await file.newLines()));
	}
	expect(lines).toEqual(["one", "zwölf €", "last"]);
	expect(await file.newLines()).toEqual([]);
});
