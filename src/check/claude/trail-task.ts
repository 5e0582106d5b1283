import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createTrail, FOLDER, type Trail } from "../loop/trail.ts";
import type { ClaudeTask, TaskVerdict } from "./task.ts";

/** Claude Code's Edit tool requires that a file was read before, which not every model knows. */
const HINT = " Before the first edit of ledger.txt read it once.";
/** The same trail each time. */
const SEED = 1;

/** A trail for the real Claude Code: files and prompt name its folder, the outcome is read from the files. */
export function trailTask(calls: number, folder: string): ClaudeTask {
	const trail = createTrail(calls, SEED);
	const inFolder = (text: string) =>
		text.replaceAll(`${FOLDER}/`, `${folder}/`).replaceAll(`in ${FOLDER}.`, `in ${folder}.`);
	const files = Object.fromEntries(Object.entries(trail.files).map(([name, text]) => [name, inFolder(text)]));
	const judge = (_folder: string, answer: string) => judgeTrail(trail, folder, answer);
	return { name: "trail", prompt: inFolder(trail.prompt) + HINT, files, calls, judge };
}

async function judgeTrail(trail: Trail, folder: string, answer: string): Promise<TaskVerdict> {
	const outcome = Object.entries(expectedFiles(trail));
	let right = 0;
	for (const [name, wanted] of outcome) if (await holds(join(folder, name), wanted)) right++;
	const answered = answer.includes(trail.answer);
	const detail = `${right} of ${outcome.length} files right, answer ${answered ? "right" : "wrong"}`;
	return { passed: right === outcome.length && answered, detail };
}

/** The expected content of each file, by name. */
function expectedFiles({ files, steps }: Trail): Record<string, string> {
	const outcome: Record<string, string> = { "ledger.txt": files["ledger.txt"] ?? "" };
	for (const { input } of steps) {
		const name = input["file_path"]?.slice(FOLDER.length + 1) ?? "";
		const { content, old_string, new_string } = input;
		if (content !== undefined) outcome[name] = content;
		if (old_string !== undefined) outcome[name] = (outcome[name] ?? "").replace(old_string, () => new_string ?? "");
	}
	return outcome;
}

/** Trailing line breaks do not matter. */
async function holds(path: string, wanted: string): Promise<boolean> {
	const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
		if (error.code !== "ENOENT") throw error;
		return undefined; // it was never written
	});
	return text?.trimEnd() === wanted.trimEnd();
}
