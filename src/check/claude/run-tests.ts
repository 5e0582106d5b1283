import { execFile } from "node:child_process";
import { mkdir, realpath, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Verdict } from "./task.ts";

/** Longest time for a test file, in milliseconds. */
const PATIENCE = 20_000;

/**
 * Runs test files of `node:test` in a folder that a model has worked in. The files are written first, over whatever is
 * there: a test that was changed proves nothing. What is run is the model's code, so Node's permission model lets it
 * read that folder and nothing else, write nothing and start nothing, and it gets no variable of this process.
 */
export async function runTests(folder: string, tests: Readonly<Record<string, string>>): Promise<Verdict> {
	const place = await realpath(folder);
	for (const [path, text] of Object.entries(tests)) {
		await mkdir(dirname(join(place, path)), { recursive: true });
		await writeFile(join(place, path), text);
	}
	for (const [path, text] of Object.entries(tests)) {
		const verdict = await runFile(place, path, text.match(/^test\(/gm)?.length ?? 0);
		if (!verdict.passed) return verdict;
	}
	return { passed: true, detail: `${Object.keys(tests).join(", ")} passed` };
}

function runFile(folder: string, path: string, count: number): Promise<Verdict> {
	const words = [permissionFlag(), `--allow-fs-read=${join(folder, "*")}`, "--test-reporter=tap", path];
	const options = { cwd: folder, env: {}, timeout: PATIENCE, encoding: "utf8" as const };
	return new Promise((resolve) => {
		execFile(process.execPath, words, options, (error, output, errors) => {
			// Code that ends the process with 0 before a test has run must not pass.
			const passed = !error && output.includes(`\n# pass ${count}\n`) && output.includes("\n# fail 0\n");
			const failure = error?.killed ? `no end within ${PATIENCE / 1000} s` : failureIn(output, errors);
			resolve({ passed, detail: passed ? `${path} passed` : `${path} failed: ${failure}` });
		});
	});
}

/** The first test that failed, or what kept the file from being run. */
function failureIn(output: string, errors: string): string {
	return /^ *not ok \d+ - (.*)$/m.exec(output)?.[1] ?? /^\w*Error.*$/m.exec(errors)?.[0] ?? "no test was run";
}

/** Node's name for it until 22.12, and since. */
function permissionFlag(): string {
	const names = process.allowedNodeEnvironmentFlags;
	return names.has("--permission") ? "--permission" : "--experimental-permission";
}
