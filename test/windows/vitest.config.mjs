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

/** What runs under Wine each time, in a minute: what touches paths, files, variables and processes. */
const QUICK = [
	"test/windows/*.test.ts",
	"test/platform/*.test.ts",
	"test/launch/{environment,find-options,hand-off,session,settings}.test.ts",
	"test/profile/{base-url-query,clean-key,docs,interpolate,json-document,load,model-overrides,others,schema,secrets-of,trust}.test.ts",
	"test/trace/{growing-file,narrow,pace,prefix,purpose,redact,summarise}.test.ts",
];

/** On a real Windows always; under Wine with `--all`, where it takes a quarter of an hour. */
const ALL = [
	...QUICK,
	"test/{protocol,dialects,repairs,pipeline,upstream,proxy}/**/*.test.ts",
	"test/check/{costly,figures,lessons,llama-server,loop,noise,score}.test.ts",
	// Node is started for each of its tests.
	...(isWine ? [] : ["test/cli/completion.test.ts"]),
];

/**
 * These need a POSIX system: fake programs that are shell scripts, mode bits, /proc, openssl on PATH. So do the other tests of
 * launch, profile, trace, check and cli, which also need signals and a terminal. Under Wine, the compiler of `official-types`
 * does not run, and `transport` sees its replies in other pieces, so nothing is known about them.
 */
const NOT_ON_WINDOWS = [
	"test/proxy/{budget,internal-errors,kept-facts,key-renewal,process}.test.ts",
	"test/upstream/{forward-proxy,transport}.test.ts",
	"test/dialects/official-types.test.ts",
];

export default defineConfig({
	plugins: isWine ? [resolveWithNode] : [],
	test: {
		include: process.env.CC_ANY_WINDOWS_TESTS === "all" ? ALL : QUICK,
		exclude: NOT_ON_WINDOWS,
		globalSetup: fileURLToPath(new URL("../support/built-in-profiles.mjs", import.meta.url)),
		testTimeout: 60_000,
		hookTimeout: 120_000,
		// Wine has no fork with a channel to the child, and now and then a process does not start.
		...(isWine ? { pool: "threads", maxWorkers: 1, isolate: false, retry: 1 } : {}),
	},
});
