// Bundles src/ into dist/.
import { copyFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { compileProfiles } from "./compile-profiles.mjs";
import { writeNotices } from "./third-party-notices.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const notBundled = "./scripts/not-bundled.cjs";
const options = { absWorkingDir: root, bundle: true, format: "esm", logLevel: "warning", metafile: true };

await rm(new URL("../dist", import.meta.url), { recursive: true, force: true });
const inputs = { ...(await buildProgram()), ...(await buildViewer()) };
await writeNotices(Object.keys(inputs), new URL("../dist/THIRD-PARTY-NOTICES.txt", import.meta.url));
await compileProfiles(new URL("../profiles/", import.meta.url), new URL("../dist/profiles/", import.meta.url));

/** The program and its threads. Each lazy import becomes a file of its own. Returns the source files, by path. */
async function buildProgram() {
	const { metafile } = await build({
		...options,
		entryPoints: {
			cli: "src/cli/main.ts",
			"trace-worker": "src/trace/record/trace-worker.ts",
			"pdf-worker": "src/pipeline/pdf-worker.ts",
		},
		outdir: "dist",
		chunkNames: "chunks/[name]-[hash]",
		splitting: true,
		platform: "node",
		target: "node20.19",
		// Some dependencies are CommonJS and call require() for Node's own modules.
		banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
		// cosmiconfig loads it only for a TypeScript config, which is switched off.
		external: ["typescript"],
		alias: {
			// cosmiconfig's own loaders, 150 kB of parsers. cc-any passes its own loader for every file type.
			...{ "js-yaml": notBundled, "import-fresh": notBundled, "parse-json": notBundled },
		},
		// unpdf looks for another build of pdf.js with it. cc-any uses the one that it ships.
		define: { "import.meta.resolve": "undefined" },
	});
	return metafile.inputs;
}

/** The viewer's page: one script for browsers, no external resource. */
async function buildViewer() {
	const page = new URL("../src/trace/viewer/page/", import.meta.url);
	const viewer = new URL("../dist/viewer/", import.meta.url);
	const { metafile } = await build({
		...options,
		entryPoints: { viewer: "src/trace/viewer/page/main.ts" },
		outdir: "dist/viewer",
		minify: true,
		platform: "browser",
		target: "es2022",
	});
	for (const file of ["index.html", "viewer.css"]) await copyFile(new URL(file, page), new URL(file, viewer));
	return metafile.inputs;
}
