import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import Module from "node:module";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { Sandbox } from "../support/processes.ts";

const LOG_CALLS = join(import.meta.dirname, "../support/log-calls.cjs");

const sandboxes: Sandbox[] = [];
afterEach(() => {
	for (const sandbox of sandboxes.splice(0)) sandbox.close();
});

interface Home {
	sandbox: Sandbox;
	folder: string;
	/** Starts a proxy, and ends it once it has announced itself and what is compiled could be kept. */
	serve: (more?: Record<string, string>) => Promise<void>;
}

function home(): Home {
	const sandbox = new Sandbox();
	sandboxes.push(sandbox);
	const profile = sandbox.profile("http://127.0.0.1:9/v1");
	const folder = join(sandbox.path("home"), `.cache/cc-any/compiled-${process.version}-${process.arch}`);
	const serve = async (more: Record<string, string> = {}) => {
		const environment = sandbox.environment({}, { SAMPLE_API_KEY: "sk-sample", ...more });
		const run = sandbox.ccAny(["serve", "--profile", profile, "--json"], environment);
		const { url } = JSON.parse(await run.printed((text) => text.includes("\n")));
		// An answer, whatever it says: the line is loaded then, and kept.
		await fetch(url);
		await new Promise((resolve) => setTimeout(resolve, 200));
		run.kill("SIGTERM");
		expect(await run.ended).toBe(0);
		expect(run.stderr).toBe("");
	};
	return { sandbox, folder, serve };
}

const stages = (folder: string) => readdirSync(folder).map((name) => name.replace(/-.*/, ""));

describe.skipIf("enableCompileCache" in Module)("where Node keeps no compiled code, cc-any does", () => {
	test("a start leaves what it compiled, for the user alone, and the next one reads it", async () => {
		const { folder, serve } = home();
		await serve();
		expect(stages(folder).sort()).toEqual(["line", "profile", "start", "words"]);
		const times = () => readdirSync(folder).map((name) => statSync(join(folder, name)).mtimeMs);
		const written = times();
		expect(statSync(folder).mode & 0o777).toBe(0o700);
		for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
		await serve();
		expect(times()).toEqual(written);
	});

	test("what is damaged, or of another version, is written anew", async () => {
		const { folder, serve } = home();
		await serve();
		const [line, profile, start, words] = readdirSync(folder)
			.sort()
			.map((name) => join(folder, name));
		const whole = [line, profile, start, words].map((path) => readFileSync(path ?? ""));
		writeFileSync(line ?? "", "");
		writeFileSync(profile ?? "", Buffer.alloc(whole[1]?.length ?? 0));
		writeFileSync(start ?? "", whole[2]?.subarray(0, 5000) ?? "");
		writeFileSync(words ?? "", "no code at all");
		writeFileSync(join(folder, "words-of-1999.cjs"), "old");
		await serve();
		expect(stages(folder).sort()).toEqual(["line", "profile", "start", "words"]);
		for (const path of [line, profile, start, words]) expect(statSync(path ?? "").size).toBeGreaterThan(20_000);
	});

	test("a folder in which others can write is neither read nor written", async () => {
		const { sandbox, folder, serve } = home();
		const log = join(sandbox.path("home"), "calls.log");
		const logged = { NODE_OPTIONS: `--require ${LOG_CALLS}`, LOG_CALLS: log };
		const reads = () =>
			readFileSync(log, "utf8")
				.split("\n")
				.filter((path) => path.startsWith(`readFileSync ${folder}`));
		await serve();
		await serve(logged);
		expect(reads().length).toBe(4);
		const times = () => readdirSync(folder).map((name) => statSync(join(folder, name)).mtimeMs);
		const written = times();
		rmSync(log);
		rmSync(join(folder, readdirSync(folder)[0] ?? ""));
		chmodSync(folder, 0o777);
		await serve(logged);
		expect(reads()).toEqual([]);
		expect(times()).toEqual(written.slice(1));
	});

	test("NODE_DISABLE_COMPILE_CACHE turns it off; a folder that cannot be written is no matter", async () => {
		const { sandbox, folder, serve } = home();
		await serve({ NODE_DISABLE_COMPILE_CACHE: "1" });
		expect(existsSync(folder)).toBe(false);
		const cache = sandbox.path("home/.cache");
		mkdirSync(cache);
		// As root no folder is closed: a file in its place is.
		writeFileSync(join(cache, "cc-any"), "");
		chmodSync(cache, 0o500);
		await serve();
		expect(readFileSync(join(cache, "cc-any"), "utf8")).toBe("");
		chmodSync(cache, 0o700);
	});
});
