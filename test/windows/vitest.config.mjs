// What `npm run test:windows` runs in Windows' Node: the tests that make sense there. On a Debian machine that Node runs under
// Wine, see scripts/test-windows.mjs.
import { dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { defineConfig } from "vitest/config";

const isWine = process.env.CC_ANY_WINE === "1";

/** Rolldown's WebAssembly build, the only one that Wine loads, resolves no path of Windows: Node does it. */
const resolveWithNode = {
	name: "resolve-with-node",
	enforce: "pre",
	resolveId(id, importer) {
		if (!importer || /^(?:node:|\0|\/@|[a-z]:)/i.test(id)) return undefined;
		if (/^\.\.?\//.test(id)) return resolve(dirname(importer.replace(/\?.*/, "")), id);
		return { id: import.meta.resolve(id, pathToFileURL(importer)), external: true };
	},
};

/** Every test that can run on Windows: on a real one always, under Wine with `npm run test:windows -- --all`. */
const ALL = [
	"test/{protocol,dialects,repairs,pipeline,upstream,proxy,check,profile,trace,launch,cli,platform}/**/*.test.ts",
];

const NOT_ON_WINDOWS = [];

/** What runs under Wine each time, in a minute: what touches paths, files, variables and processes. */
const QUICK = [
	"test/platform/*.test.ts",
	"test/launch/{environment,find-options,hand-off,session,settings}.test.ts",
	"test/profile/{base-url-query,clean-key,docs,interpolate,json-document,load,model-overrides,others,schema,secrets-of,trust}.test.ts",
	"test/trace/{growing-file,narrow,pace,prefix,purpose,redact,summarise}.test.ts",
];

export default defineConfig({
	plugins: isWine ? [resolveWithNode] : [],
	test: {
		include: ["test/windows/*.test.ts", ...(process.env.CC_ANY_WINDOWS_TESTS === "all" ? ALL : QUICK)],
		exclude: NOT_ON_WINDOWS,
		globalSetup: fileURLToPath(new URL("../support/built-in-profiles.mjs", import.meta.url)),
		testTimeout: 60_000,
		hookTimeout: 120_000,
		// Wine has no fork with a channel to the child, and now and then a process does not start.
		...(isWine ? { pool: "threads", maxWorkers: 1, isolate: false, retry: 1 } : {}),
	},
});
