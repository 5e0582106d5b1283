import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { CC_ANY, Sandbox } from "../support/processes.ts";

const DIST = new URL("../../dist/", import.meta.url).href;

interface CoverageReport {
	result: { url: string }[];
}

/** The text of all files of dist/ that a command loads. V8's coverage lists every script that ran. */
function codeLoadedBy(args: readonly string[]): string {
	const sandbox = new Sandbox();
	const coverage = sandbox.path("coverage");
	const env = {
		PATH: process.env["PATH"] ?? "",
		HOME: sandbox.path("home"),
		NODE_V8_COVERAGE: coverage,
		SAMPLE_API_KEY: "sk-sample",
	};
	try {
		const run = spawnSync(process.execPath, [CC_ANY, ...args], { env, encoding: "utf8" });
		expect(run.status, run.stderr).toBe(0);
		const urls = readdirSync(coverage).flatMap((file) => {
			const report: CoverageReport = JSON.parse(readFileSync(join(coverage, file), "utf8"));
			return report.result.map(({ url }) => url).filter((url) => url.startsWith(DIST));
		});
		expect(urls.length).toBeGreaterThan(0);
		return urls.map((url) => readFileSync(fileURLToPath(url), "utf8")).join("");
	} finally {
		sandbox.close();
	}
}

/** esbuild names the source file of each module in a comment. */
const holds = (code: string, module: string) => code.includes(`// ${module}`);
const packages = (...names: string[]) => names.map((name) => `node_modules/${name}/`);

const PARSERS = packages("yaml", "smol-toml");
/** Loaded only when a request, a config file or a person needs them. */
const LAZY = [
	...packages(
		"eventsource-parser",
		"https-proxy-agent",
		"http-proxy-agent",
		"socks-proxy-agent",
		"unpdf",
		"jsonrepair",
		"tokenx",
		"get-port",
		"execa",
	),
	...packages("cosmiconfig", "@clack/prompts"),
	...["src/proxy/exchange.ts", "src/dialects/openai-chat/encode.ts", "src/repairs/index.ts"],
	...PARSERS,
];
const PROFILES = ["src/profile/resolve/", "node_modules/valibot/"];

test.each([
	["--version", ["--version"], [...LAZY, ...PROFILES, "node_modules/commander/"]],
	["--help", ["--help"], [...LAZY, ...PROFILES]],
	["completion", ["completion", "bash"], [...LAZY, ...PROFILES]],
	["profiles", ["profiles"], [...LAZY, "src/proxy/server.ts", "src/launch/environment.ts"]],
	["a launch, up to the start of claude", ["--profile", "demo", "--dry-run"], LAZY],
])("%s loads only what it needs", (_name, args, absent) => {
	const code = codeLoadedBy(args);
	expect(absent.filter((module) => holds(code, module))).toEqual([]);
});

test("the measure sees what is loaded: a profile in YAML brings the YAML parser", () => {
	const sandbox = new Sandbox();
	const profile = sandbox.profile("http://127.0.0.1:9/v1");
	const parsers = () => {
		const code = codeLoadedBy(["--profile", profile, "--dry-run"]);
		return PARSERS.filter((module) => holds(code, module));
	};
	expect(parsers()).toEqual([]); // The sample is JSON, whatever its name ends in.
	writeFileSync(profile, `# YAML\n${readFileSync(profile, "utf8")}`);
	expect(parsers()).toEqual(["node_modules/yaml/"]);
	sandbox.close();
});
