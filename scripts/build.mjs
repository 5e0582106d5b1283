// Bundles src/ into dist/.
import { copyFile, readdir, rm, writeFile } from "node:fs/promises";
import { join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { rolldown } from "rolldown";
import { compileProfiles } from "./compile-profiles.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const notBundled = fileURLToPath(new URL("not-bundled.cjs", import.meta.url));
const target = "node20.19";

/**
 * What a start reads, in as few files as it has stages: each file costs a good half millisecond. A stage holds these
 * modules and all that they import, but for what an earlier one holds. `late`: which of Node's modules it asks for only where
 * it uses them, where that is not LATE.
 */
const STAGES = [
	{ name: "first", files: ["package.json", "src/platform/compiled-code.ts"] },
	{ name: "words", files: ["src/cli/program.ts"] },
	{ name: "profile", files: ["src/profile/resolve/load.ts"] },
	{
		name: "start",
		files: ["cli/session", "proxy/server", "cli/commands/run", "cli/commands/serve", "cli/commands/exec"].map(source),
	},
	// A request pays a microsecond for each time of asking, so the line asks at once for what it uses.
	{ name: "line", files: ["src/proxy/request-handler.ts", ...(await sharedByDialects())], late: ["v8"] },
];

/** Node's own modules that a start need not read, 10 ms: they are asked for where something of theirs is used. */
const LATE = ["child_process", "crypto", "fs/promises", "timers/promises", "v8"];

await rm(new URL("../dist", import.meta.url), { recursive: true, force: true });
await buildProgram();
await compileProfiles(new URL("../profiles/", import.meta.url), new URL("../dist/profiles/", import.meta.url));
await buildTraceWorker();
await buildViewer();

/**
 * The program. CommonJS, which Node reads faster than ES modules: it needs no second loader (8 ms) and makes no
 * wrappers for Node's own modules (another 10 ms).
 */
async function buildProgram() {
	const bundle = await rolldown({
		cwd: root,
		input: { cli: "src/cli/main.ts" },
		platform: "node",
		// cosmiconfig asks for it only when it loads a TypeScript config, which is switched off.
		external: ["typescript"],
		resolve: {
			alias: {
				// cosmiconfig's own loaders, 150 kB of parsers: ours are given in their place, for every file.
				...{ "js-yaml": notBundled, "import-fresh": notBundled, "parse-json": notBundled },
				// The same code as ES modules, which the package gives to browsers only: what is not used falls away, 7 ms.
				yaml: `${root}node_modules/yaml/browser/dist/index.js`,
			},
		},
		// unpdf looks for another build of pdf.js with it, which is not asked for.
		transform: { target, define: { "import.meta.resolve": "undefined" } },
		checks: { ineffectiveDynamicImport: false },
	});
	const { output } = await bundle.write({
		dir: "dist",
		format: "cjs",
		entryFileNames: "[name].cjs",
		chunkFileNames: "chunks/[name]-[hash].cjs",
		codeSplitting: { groups: STAGES.map(groupOf) },
		comments: { legal: true, annotation: false, jsdoc: false },
	});
	await bundle.close();
	for (const { fileName, code } of output)
		await writeFile(join(root, "dist", fileName), inAscii(withLateModules(code, fileName)));
}

/** The same program, which asks for some of Node's modules when it comes to them. */
function withLateModules(code, fileName) {
	const late = STAGES.find(({ name }) => fileName.startsWith(`chunks/${name}-`))?.late ?? LATE;
	const declared = new RegExp(`^\\t*(?:let|const) (\\w+) = require\\("node:(${late.join("|")})"\\);\\n`, "gm");
	let program = code.replace(declared, "");
	for (const [, name, module] of code.matchAll(declared)) {
		program = program.replaceAll(new RegExp(`\\b${name}\\.`, "g"), `require("node:${module}").`);
		if (new RegExp(`\\b${name}\\b`).test(program))
			throw new Error(`node:${module} is used as a whole, and cannot be late`);
	}
	// A file in CommonJS that imports a module of Node's wakes the loader of ES modules, 2 ms.
	return program.replace(/\bimport\("(node:[^"]+)"\)/g, 'Promise.resolve().then(() => require("$1"))');
}

/** One character of another kind makes V8 keep a whole file with two bytes a character, and read it twice as slowly. */
function inAscii(code) {
	return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A stage as rolldown takes it: a module belongs to the group of the highest priority that reaches it. */
function groupOf({ name, files }, index) {
	const modules = new Set(files.map((file) => join(root, file)));
	return { name, test: (id) => modules.has(normalize(id)), priority: STAGES.length - index };
}

/** What each dialect needs one half of, and would be in two more files. */
async function sharedByDialects() {
	const entries = await readdir(join(root, "src/dialects"), { withFileTypes: true });
	const shared = entries.filter((entry) => entry.isFile()).map(({ name }) => `src/dialects/${name}`);
	return [...shared, "src/protocol/message-writer.ts"];
}

function source(name) {
	return `src/${name}.ts`;
}

/** The thread that writes full traces, in one file of its own: it shares nothing with the program but messages. */
async function buildTraceWorker() {
	await build({
		absWorkingDir: root,
		entryPoints: ["src/trace/record/trace-worker.ts"],
		outdir: "dist",
		bundle: true,
		format: "esm",
		platform: "node",
		target,
		logLevel: "warning",
	});
}

/** The viewer's page: one script for browsers, no external resource. */
async function buildViewer() {
	const page = new URL("../src/trace/viewer/page/", import.meta.url);
	const viewer = new URL("../dist/viewer/", import.meta.url);
	await build({
		absWorkingDir: root,
		entryPoints: { viewer: "src/trace/viewer/page/main.ts" },
		outdir: "dist/viewer",
		bundle: true,
		minify: true,
		format: "esm",
		platform: "browser",
		target: "es2022",
		logLevel: "warning",
	});
	for (const file of ["index.html", "viewer.css"]) await copyFile(new URL(file, page), new URL(file, viewer));
}
