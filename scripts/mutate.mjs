// Mutation testing: changes the code in many small ways, one at a time, and counts the changes that no test notices.
//
//   node scripts/mutate.mjs [--count 400] [--seed 1] [--only src/proxy]... [--tests test/proxy]... [--workers 2]
//                           [--budget 120] [--json FILE]
//
// The mutants are drawn by the seed. All are written into a copy of the tree, each behind a switch; a first run of the tests
// finds the test files that reach each mutant. Then each mutant runs against those files, the likeliest and fastest first, until one
// fails or the budget of seconds is spent. Tests of the real Claude Code, of the package and in a browser are left out. See docs/testing.md.

import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findMutations } from "./mutation/instrument.mjs";
import { Sandbox } from "./mutation/sandbox.mjs";
import { lineIndex, sourceFiles } from "./syntax-tree.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDERS = ["src/upstream", "src/proxy", "src/launch", "src/profile/keys", "src/repairs"];
/** Test files in one run of the first round: few starts, and both workers busy to the end. */
const BATCH = 6;

const { values: options } = parseArgs({
	options: {
		count: { type: "string", default: "400" },
		seed: { type: "string", default: "1" },
		only: { type: "string", multiple: true, default: FOLDERS },
		tests: { type: "string", multiple: true, default: ["test"] },
		workers: { type: "string", default: String(Math.min(2, availableParallelism())) },
		budget: { type: "string", default: "120" },
		json: { type: "string" },
	},
});

process.chdir(ROOT);
const mutants = drawMutants(options.only, Number(options.count), Number(options.seed));
const sandboxes = await Promise.all(
	Array.from({ length: Number(options.workers) }, () => Sandbox.create(ROOT, mutants)),
);
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, stop);
try {
	const tests = await measureTests();
	let done = 0;
	await inParallel(mutants, async (mutant, sandbox) => {
		mutant.outcome = await sandbox.run(mutant, testsFor(mutant, tests));
		done++;
		if (isSurvivor(mutant)) log(`${done}/${mutants.length} ${describe(mutant)}`);
	});
} finally {
	removeSandboxes();
}
console.log(report(mutants));
if (options.json) writeFileSync(options.json, `${JSON.stringify(mutants, null, "\t")}\n`);

function removeSandboxes() {
	for (const sandbox of sandboxes) sandbox.remove();
}

/** What has been found so far is reported when a run is interrupted. */
function stop() {
	removeSandboxes();
	console.log(report(mutants.filter(({ outcome }) => outcome)));
	process.exit(1);
}

/** A random sample of all mutations of the folders, the same for the same seed and code. */
function drawMutants(folders, count, seed) {
	const all = folders.flatMap(sourceFiles).flatMap((path) => {
		const { text, mutations } = findMutations(path);
		const lineOf = lineIndex(text);
		return mutations.map((mutation) => ({
			...mutation,
			path,
			line: lineOf(mutation.start),
			original: text.slice(mutation.start, mutation.end),
		}));
	});
	log(`${all.length} mutations, ${Math.min(count, all.length)} drawn with seed ${seed}`);
	return shuffle(all, randomNumbers(seed))
		.slice(0, count)
		.map((mutation, index) => ({ id: index + 1, ...mutation }));
}

function shuffle(items, random) {
	const shuffled = [...items];
	for (let last = shuffled.length - 1; last > 0; last--) {
		const other = Math.floor(random() * (last + 1));
		[shuffled[last], shuffled[other]] = [shuffled[other], shuffled[last]];
	}
	return shuffled;
}

/** Numbers from 0 to 1 (mulberry32): Math.random takes no seed. */
function randomNumbers(seed) {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let hash = Math.imul(state ^ (state >>> 15), 1 | state);
		hash = (hash + Math.imul(hash ^ (hash >>> 7), 61 | hash)) ^ hash;
		return ((hash ^ (hash >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** Runs every test file once without a mutant; those that fail in a copy of the tree are left out. */
async function measureTests() {
	const all = await sandboxes[0].listTests();
	const files = all.filter((file) => options.tests.some((folder) => file.startsWith(folder)));
	const start = performance.now();
	const measured = [];
	const batches = Array.from({ length: Math.ceil(files.length / BATCH) }, (_, index) =>
		files.slice(index * BATCH, (index + 1) * BATCH),
	);
	await inParallel(batches, async (batch, sandbox) => measured.push(...(await sandbox.measure(batch))));
	const failing = measured.filter(({ passed }) => !passed).map(({ test }) => test);
	if (failing.length > 0) log(`fail without a mutant, and are left out: ${failing.join(", ")}`);
	log(`${files.length} test files took ${Math.round((performance.now() - start) / 1000)} s`);
	return measured.filter(({ passed }) => passed);
}

/** The test files that reach the mutant, the likeliest and fastest first; those that would exceed the budget are left out. */
function testsFor(mutant, tests) {
	let ms = 0;
	return tests
		.filter(({ reached }) => reached.includes(mutant.id))
		.sort((a, b) => distance(mutant.path, a.test) - distance(mutant.path, b.test) || a.ms - b.ms)
		.filter((test) => {
			ms += test.ms;
			return ms <= Number(options.budget) * 1000;
		});
}

/** 0 for the test of the same name, 1 for one of the same folder, 2 for any other. */
function distance(path, test) {
	if (basename(test, ".test.ts") === basename(path, ".ts")) return 0;
	return path.split("/")[1] === test.split("/")[1] ? 1 : 2;
}

/** Works through the items with each sandbox at once. */
async function inParallel(items, work) {
	const queue = [...items];
	await Promise.all(
		sandboxes.map(async (sandbox) => {
			for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item, sandbox);
		}),
	);
}

function report(mutants) {
	const folders = [...new Set(options.only)].sort();
	const rows = folders.map((folder) => [folder, mutants.filter(({ path }) => path.startsWith(`${folder}/`))]);
	const lines = [...rows, ["all", mutants]].map(([name, own]) => {
		const survivors = own.filter(isSurvivor).length;
		const score = own.length === 0 ? "" : `${Math.round((100 * (own.length - survivors)) / own.length)} %`;
		return `| ${name.padEnd(18)} | ${own.length} | ${own.length - survivors} | ${survivors} | ${score} |`;
	});
	const survivors = mutants.filter(isSurvivor).map(describe).sort();
	return [
		"| folder | mutants | killed | survived | score |",
		"| --- | --- | --- | --- | --- |",
		...lines,
		"",
		...survivors,
	].join("\n");
}

function isSurvivor({ outcome }) {
	return outcome === "survived" || outcome === "not reached";
}

function describe({ path, line, operator, original, text, outcome }) {
	const short = (code) => code.replace(/\s+/g, " ").slice(0, 70);
	return `${relative(ROOT, path)}:${line} ${outcome}: ${operator}: ${short(original)} -> ${short(text)}`;
}

function log(text) {
	process.stderr.write(`${text}\n`);
}
