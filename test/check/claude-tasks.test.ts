import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { claudeTasks } from "../../src/check/claude/index.ts";
import type { ClaudeTask } from "../../src/check/claude/task.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "cc-any-task-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function createTask(name: string): ClaudeTask {
	const task = claudeTasks(8)
		.map((taskFor) => taskFor(folder))
		.find((one) => one.name === name) as ClaudeTask;
	for (const [path, text] of Object.entries(task.files)) {
		mkdirSync(dirname(join(folder, path)), { recursive: true });
		writeFileSync(join(folder, path), text);
	}
	return task;
}

function edit(path: string, change: (text: string) => string): void {
	writeFileSync(join(folder, path), change(readFileSync(join(folder, path), "utf8")));
}

describe("an untouched repository does not pass", () => {
	test.each(claudeTasks(8).map((taskFor) => taskFor("/").name))("%s", async (name) => {
		expect(await createTask(name).judge(folder, "Done.")).toMatchObject({ passed: false });
	});
});

test("the bug: fixed, hidden in the test, and covered up", async () => {
	const task = createTask("fix-bug");
	edit("test/invoice.test.js", () => 'import test from "node:test";\ntest("fine", () => {});\n');
	expect(await task.judge(folder, "")).toMatchObject({ passed: false, detail: expect.stringContaining("ten percent") });
	edit("src/discount.js", (text) => `${text}process.exit(0);\n`);
	expect(await task.judge(folder, "")).toMatchObject({ passed: false, detail: expect.stringContaining("no test") });
	edit("src/discount.js", (text) => text.replace("> 5000", ">= 5000").replace("process.exit(0);\n", ""));
	expect(await task.judge(folder, "")).toEqual({ passed: true, detail: "test/invoice.test.js passed" });
});

const RENAMED = ["README.md", "src/users.js", "src/report.js", "src/greet.js", "src/index.js"];

test("the rename: whole, in all files but one, and of too much", async () => {
	const task = createTask("rename");
	const [readme = "", ...sources] = RENAMED;
	for (const path of sources) edit(path, (text) => text.replace(/\bfetchUser\b/g, "loadUser"));
	expect(await task.judge(folder, "")).toMatchObject({ passed: false, detail: expect.stringContaining("nowhere") });
	edit(readme, (text) => text.replace(/\bfetchUser\b/g, "loadUser"));
	expect(await task.judge(folder, "")).toMatchObject({ passed: true });
	for (const path of RENAMED) edit(path, (text) => text.replaceAll("fetchUser", "loadUser"));
	const much = await task.judge(folder, "");
	expect(much).toMatchObject({ passed: false, detail: expect.stringMatching(/fetchUserGroups|SyntaxError/) });
});

test("what a model has written can read its folder, and neither write, nor start anything, nor see a variable", async () => {
	const task = createTask("add-feature");
	const written = join(folder, "written.txt");
	edit(
		"src/duration.js",
		(text) => `${text}
export const parseDuration = undefined;
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
const tried = [
	() => readFileSync("/etc/passwd"),
	() => writeFileSync(${JSON.stringify(written)}, "x"),
	() => execFileSync("true"),
].map((attempt) => { try { attempt(); return "done"; } catch (error) { return error.code; } });
throw new Error(JSON.stringify([tried, Object.keys(process.env)]));
`,
	);
	const { detail } = await task.judge(folder, "");
	const denied = "ERR_ACCESS_DENIED";
	expect(detail).toContain(JSON.stringify([[denied, denied, denied], []]));
	expect(existsSync(written)).toBe(false);
});
