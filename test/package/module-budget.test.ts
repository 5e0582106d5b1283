import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { CC_ANY, Sandbox } from "../support/processes.ts";

const HOOK = fileURLToPath(new URL("../support/log-imports.mjs", import.meta.url));

/** Files of dist/ that a command reads, with their text, and the built-in modules it asks for. */
function loadedBy(words: readonly string[]): { files: string[]; text: string; bytes: number } {
	const sandbox = new Sandbox();
	const log = join(sandbox.path("home"), "imports.log");
	const env = {
		PATH: process.env["PATH"] ?? "",
		HOME: sandbox.path("home"),
		LOG_IMPORTS: log,
		SAMPLE_API_KEY: "sk-sample",
	};
	const run = spawnSync(process.execPath, ["--import", HOOK, CC_ANY, ...words], { env, encoding: "utf8" });
	try {
		expect(run.status, run.stderr).toBe(0);
		const files = readFileSync(log, "utf8")
			.split("\n")
			.filter((url) => url.includes("/dist/"));
		const text = files.map((url) => readFileSync(fileURLToPath(url), "utf8")).join("");
		return { files, text, bytes: Buffer.byteLength(text) };
	} finally {
		sandbox.close();
	}
}

/** Whether the code of a package or of a part of ours is in what was read; the bundle names each module's file. */
const holds = (text: string, module: string) => text.includes(`// ${module}`);

/** Packages that no start may read: they wait until something needs them. */
const NEVER = [...["eventsource-parser", "https-proxy-agent", "unpdf", "jsonrepair", "tokenx", "get-port"]].map(
	(name) => `node_modules/${name}/`,
);
const PROFILE_FILES = ["yaml", "smol-toml"].map((name) => `node_modules/${name}/`);
const LINE = ["src/proxy/exchange.ts", "src/dialects/openai-chat/", "src/repairs/index.ts", "src/trace/store.ts"];

test.each([
	["--version", ["--version"], 8, 205_000, [...NEVER, ...PROFILE_FILES, ...LINE, "src/profile/load.ts"]],
	["--help", ["--help"], 8, 205_000, [...NEVER, ...PROFILE_FILES, ...LINE, "src/profile/load.ts"]],
	["profiles", ["profiles"], 30, 500_000, [...NEVER, ...PROFILE_FILES, ...LINE]],
	["completion", ["completion", "bash"], 28, 500_000, [...NEVER, ...PROFILE_FILES, ...LINE]],
	[
		"a launch, up to the spawning",
		["--profile", "demo", "--dry-run"],
		48,
		570_000,
		[...NEVER, ...PROFILE_FILES, ...LINE],
	],
])("%s reads no more than it needs", (_name, words, files, bytes, absent) => {
	const loaded = loadedBy(words);
	expect(absent.filter((module) => holds(loaded.text, module))).toEqual([]);
	expect(loaded.files.length).toBeLessThanOrEqual(files);
	expect(loaded.bytes).toBeLessThanOrEqual(bytes);
});

test("the measure sees what is read: a profile file brings the parser of its format", () => {
	const sandbox = new Sandbox();
	const profile = sandbox.profile("http://127.0.0.1:9/v1");
	expect(PROFILE_FILES.filter((module) => holds(loadedBy(["--profile", profile, "--dry-run"]).text, module))).toEqual([
		"node_modules/yaml/",
	]);
	sandbox.close();
});
