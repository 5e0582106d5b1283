import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { CC_ANY, Sandbox } from "../support/processes.ts";

const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));
const HOOK = fileURLToPath(new URL("../support/log-modules.cjs", import.meta.url));

interface Loaded {
	/** Files of dist/. */
	files: string[];
	/** Their text. */
	text: string;
	bytes: number;
	/** Modules of Node itself, without `node:`. */
	builtins: string[];
}

/** What a command reads. */
function loadedBy(words: readonly string[]): Loaded {
	const sandbox = new Sandbox();
	const log = join(sandbox.path("home"), "modules.log");
	const env = {
		PATH: process.env["PATH"] ?? "",
		HOME: sandbox.path("home"),
		LOG_MODULES: log,
		SAMPLE_API_KEY: "sk-sample",
	};
	const run = spawnSync(process.execPath, ["--require", HOOK, CC_ANY, ...words], { env, encoding: "utf8" });
	try {
		expect(run.status, run.stderr).toBe(0);
		const lines = readFileSync(log, "utf8").split("\n");
		const files = lines.filter((path) => path.startsWith(DIST));
		const text = files.map((path) => readFileSync(path, "utf8")).join("");
		const builtins = lines.flatMap((line) => /^NativeModule (.+)/.exec(line)?.[1] ?? []);
		return { files, text, bytes: Buffer.byteLength(text), builtins };
	} finally {
		sandbox.close();
	}
}

/** Whether the code of a package or of a part of ours is in what was read; the bundle names each module's file. */
const holds = (text: string, module: string) => text.includes(`// ${module}`);

/** Packages that no start may read: they wait until something needs them. */
const NEVER = [
	...["eventsource-parser", "https-proxy-agent", "unpdf", "jsonrepair", "tokenx", "get-port", "execa"],
	// Though a package.json lies in this very folder: it holds nothing for us.
	"cosmiconfig",
].map((name) => `node_modules/${name}/`);
const PROFILE_FILES = ["yaml", "smol-toml"].map((name) => `node_modules/${name}/`);
const LINE = ["src/proxy/exchange.ts", "src/dialects/openai-chat/", "src/repairs/index.ts", "src/trace/store/store.ts"];
const STARTS = [...NEVER, ...PROFILE_FILES, ...LINE];
const PROFILES = ["src/profile/resolve/load.ts", "node_modules/valibot/"];
const PROXY = ["src/proxy/server.ts", "src/cli/session.ts", "src/launch/environment.ts"];

/** Modules of Node that no start asks for. */
const HEAVY = ["child_process", "https", "zlib", "worker_threads", "inspector", "readline", "tls"];

test.each([
	[
		"--version",
		["--version"],
		3,
		7_500,
		[...STARTS, ...PROFILES, "node_modules/commander/"],
		[...HEAVY, "http", "crypto"],
	],
	["--help", ["--help"], 4, 111_000, [...STARTS, ...PROFILES], [...HEAVY, "http", "crypto"]],
	["profiles", ["profiles"], 8, 226_000, [...STARTS, ...PROXY], [...HEAVY, "http"]],
	["completion", ["completion", "bash"], 5, 113_000, [...STARTS, ...PROFILES], [...HEAVY, "http", "crypto"]],
	["a launch, up to the spawning", ["--profile", "demo", "--dry-run"], 9, 292_000, STARTS, HEAVY],
])("%s reads no more than it needs", (_name, words, files, bytes, absent, builtins) => {
	const loaded = loadedBy(words);
	expect(absent.filter((module) => holds(loaded.text, module))).toEqual([]);
	expect(loaded.builtins.filter((name) => builtins.includes(name))).toEqual([]);
	expect(loaded.files.length).toBeLessThanOrEqual(files);
	expect(loaded.bytes).toBeLessThanOrEqual(bytes);
});

test("the measure sees what is read: a profile file brings the parser of its format", () => {
	const sandbox = new Sandbox();
	const profile = sandbox.profile("http://127.0.0.1:9/v1");
	const parsers = () =>
		PROFILE_FILES.filter((module) => holds(loadedBy(["--profile", profile, "--dry-run"]).text, module));
	expect(parsers()).toEqual([]); // the sample is JSON, whatever its name ends in
	writeFileSync(profile, `# YAML\n${readFileSync(profile, "utf8")}`);
	expect(parsers()).toEqual(["node_modules/yaml/"]);
	sandbox.close();
});
