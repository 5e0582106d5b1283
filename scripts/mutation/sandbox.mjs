// A copy of the tree with all mutants in it, and the test runs in it. A worker has a copy of its own: which mutant is active is
// a file of the copy, so that the processes that tests start know it too.

import { execFile, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { instrument } from "./instrument.mjs";

const LEFT_BEHIND = new Set([".git", "node_modules", "dist", "vitest.config.ts"]);
/** Tests that need the real Claude Code, the packed tarball or a browser, and those that read the source as text. */
const EXCLUDED = ["test/claude/**", "test/package/**", "test/boundaries/**", "test/trace/viewer*.test.ts"];
const BASELINE_TIMEOUT_MS = 30 * 60_000;
const TEST_TIMEOUT_MS = 30_000;
/** A mutant whose tests take so many times longer than without it hangs, and counts as killed. */
const SLOWDOWN = 4;
const START_MS = 30_000;

export class Sandbox {
	#folder = mkdtempSync(join(tmpdir(), "cc-any-mutants-"));
	#child;

	/** Copies the tree, writes the mutants into it and builds it. */
	static async create(root, mutants) {
		const sandbox = new Sandbox();
		const folder = sandbox.#folder;
		const isCopied = (path) => path === root || !LEFT_BEHIND.has(relative(root, path));
		cpSync(root, folder, { recursive: true, filter: isCopied });
		symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
		for (const path of new Set(mutants.map((mutant) => mutant.path))) {
			const own = mutants.filter((mutant) => mutant.path === path);
			const file = join(folder, path);
			writeFileSync(file, instrument(readFileSync(file, "utf8"), own, join(folder, "switch.mjs")));
		}
		writeFileSync(join(folder, "switch.mjs"), switchText(folder));
		writeFileSync(join(folder, "vitest.config.ts"), configText(folder));
		writeFileSync(join(folder, "setup.ts"), setupText(folder));
		mkdirSync(join(folder, "reached"));
		writeFileSync(join(folder, "active"), "none");
		await promisify(execFile)(process.execPath, ["scripts/build.mjs"], { cwd: folder });
		return sandbox;
	}

	/** The test files of the tree, without those that are left out. */
	async listTests() {
		const { stdout } = await promisify(execFile)(process.execPath, vitest("list", "--filesOnly", "--json"), {
			cwd: this.#folder,
		});
		return JSON.parse(stdout).map(({ file }) => relative(this.#folder, file));
	}

	/** Runs test files without a mutant: how long each takes, which mutants it reaches, and whether it passes at all. */
	async measure(tests) {
		if (tests.length === 0) return [];
		await this.#run(tests, undefined, BASELINE_TIMEOUT_MS, ["--reporter=json", "--outputFile=results.json"]);
		const { testResults } = JSON.parse(readFileSync(join(this.#folder, "results.json"), "utf8"));
		return testResults.map(({ name, status, startTime, endTime }) => {
			const test = relative(this.#folder, name);
			const log = join(this.#folder, "reached", logName(test));
			const reached = existsSync(log) ? [...new Set(readFileSync(log, "utf8").split("\n").filter(Boolean))] : [];
			return { test, passed: status === "passed", ms: endTime - startTime, reached: reached.map(Number) };
		});
	}

	/** Whether a test notices the mutant: `killed`, `timeout` or `survived`. The tests run in the given order. */
	async run(mutant, tests) {
		if (tests.length === 0) return "not reached";
		const baseline = tests.reduce((total, { ms }) => total + ms, 0);
		const names = tests.map(({ test }) => test);
		return this.#run(names, mutant.id, START_MS + SLOWDOWN * baseline, ["--bail=1", "--reporter=dot"]);
	}

	async #run(tests, mutant, timeoutMs, args) {
		writeFileSync(join(this.#folder, "active"), String(mutant ?? ""));
		writeFileSync(join(this.#folder, "order.json"), JSON.stringify(tests));
		const child = spawn(process.execPath, vitest("run", ...args, ...tests.map((test) => join(this.#folder, test))), {
			cwd: this.#folder,
			stdio: "ignore",
			detached: true,
		});
		this.#child = child;
		let outcome;
		const timer = setTimeout(() => {
			outcome = "timeout";
			process.kill(-child.pid, "SIGKILL");
		}, timeoutMs);
		const code = await new Promise((resolve) => child.once("exit", resolve));
		clearTimeout(timer);
		this.#child = undefined;
		return outcome ?? (code === 0 ? "survived" : "killed");
	}

	/** Ends a run that is going on, and removes the copy. */
	remove() {
		if (this.#child) process.kill(-this.#child.pid, "SIGKILL");
		rmSync(this.#folder, { recursive: true, force: true });
	}
}

function vitest(...args) {
	return ["node_modules/vitest/vitest.mjs", ...args];
}

function logName(test) {
	return test.replaceAll("/", "+");
}

/** Says whether a mutant is the active one, and notes for the running test file that the mutant was reached. */
function switchText(folder) {
	// No import: some of the code is in the viewer's page too, where no mutant is active.
	return `const fs = globalThis.process?.getBuiltinModule("node:fs");
const read = (name) => fs?.readFileSync(${JSON.stringify(`${folder}/`)} + name, "utf8");
const active = read("active");
const reached = new Set();
export function mutant(id) {
	if (active === "" && !reached.has(id)) {
		reached.add(id);
		fs.appendFileSync(read("log"), id + "\\n");
	}
	return active === String(id);
}
`;
}

/** Before each test file: where to note what it reaches. */
function setupText(folder) {
	return `import { writeFileSync } from "node:fs";
import { expect } from "vitest";
const test = expect.getState().testPath.slice(${folder.length + 1}).replaceAll("/", "+");
writeFileSync(${JSON.stringify(join(folder, "log"))}, ${JSON.stringify(`${join(folder, "reached")}/`)} + test);
`;
}

function configText(folder) {
	return `import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";

class InOrder extends BaseSequencer {
	async sort(files) {
		const order = JSON.parse(readFileSync("order.json", "utf8"));
		const place = ({ moduleId }) => order.findIndex((test) => moduleId.endsWith(test));
		return [...files].sort((a, b) => place(a) - place(b));
	}
}

export default defineConfig({
	cacheDir: ${JSON.stringify(join(folder, "cache"))},
	test: {
		include: ["test/**/*.test.ts"],
		exclude: ${JSON.stringify(EXCLUDED)},
		setupFiles: ["./setup.ts"],
		testTimeout: ${TEST_TIMEOUT_MS},
		hookTimeout: ${TEST_TIMEOUT_MS},
		fileParallelism: false,
		sequence: { sequencer: InOrder },
	},
});
`;
}
