// Bundles src/ into dist/: one ES module per lazily imported command, so that a start reads only what it needs.
import { copyFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { compileProfiles } from "./compile-profiles.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

await rm(new URL("../dist", import.meta.url), { recursive: true, force: true });
await build({
	absWorkingDir: root,
	entryPoints: ["src/cli.ts", "src/trace/trace-worker.ts"],
	entryNames: "[name]",
	outdir: "dist",
	bundle: true,
	splitting: true,
	format: "esm",
	platform: "node",
	target: "node20.19",
	sourcemap: false,
	legalComments: "inline",
	chunkNames: "chunks/[name]-[hash]",
	// cosmiconfig asks for it only when it loads a TypeScript config, which is switched off.
	external: ["typescript"],
	// cosmiconfig's own loaders, 150 kB of parsers: ours are given in their place, for every file.
	alias: {
		"js-yaml": "./scripts/not-bundled.cjs",
		"import-fresh": "./scripts/not-bundled.cjs",
		"parse-json": "./scripts/not-bundled.cjs",
	},
	// CommonJS dependencies call `require` for Node's own modules.
	banner: {
		js: 'import { createRequire as __createRequire } from "node:module";const require = __createRequire(import.meta.url);',
	},
	logLevel: "warning",
});
await compileProfiles(new URL("../profiles/", import.meta.url), new URL("../dist/profiles/", import.meta.url));

// The viewer's page: one script for browsers, no external resource.
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
