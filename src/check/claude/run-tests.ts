import { mkdir, realpath, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import type { TaskVerdict } from "./task.ts";

/** For one test file. */
const TEST_TIMEOUT_MS = 20_000;

/**
 * Runs `node:test` files in a folder that a model has worked in. The files are written first, because the model may have
 * changed them. They run the model's code, so Node's permission model allows it to read that folder only, to write
 * nothing and to start nothing, and it gets no environment variables.
 */
export async function runTests(folder: string, tests: Readonly<Record<string, string>>): Promise<TaskVerdict> {
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

async function runFile(folder: string, path: string, count: number): Promise<TaskVerdict> {
	const args = [permissionFlag(), `--allow-fs-read=${join(folder, "*")}`, "--test-reporter=tap", path];
	const options = { cwd: folder, env: {}, extendEnv: false, timeout: TEST_TIMEOUT_MS, reject: false } as const;
	const { failed, timedOut, stdout, stderr } = await execa(process.execPath, args, options);
	// Code that exits with 0 before a test has run must not pass.
	const passed = !failed && stdout.includes(`\n# pass ${count}\n`) && stdout.includes("\n# fail 0\n");
	const failure = timedOut ? `no end within ${TEST_TIMEOUT_MS / 1000} s` : failureIn(stdout, stderr);
	return { passed, detail: passed ? `${path} passed` : `${path} failed: ${failure}` };
}

/** The first test that failed, or what kept the file from being run. */
function failureIn(output: string, errors: string): string {
	return /^ *not ok \d+ - (.*)$/m.exec(output)?.[1] ?? /^\w*Error.*$/m.exec(errors)?.[0] ?? "no test was run";
}

/** Node renamed it in 22.13. */
function permissionFlag(): string {
	const names = process.allowedNodeEnvironmentFlags;
	return names.has("--permission") ? "--permission" : "--experimental-permission";
}
