// The benchmark of the proxy: every target against a bare pipe, interleaved in one run. Compare the ratios: on a shared
// machine the absolute figures vary from run to run.
//   npm run bench -- [NAME …] [--short] [--targets FILE.mjs] [--json FILE] [--compare FILE]
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { median } from "./load.mjs";
import { afterFirstRound, finish, ROUND, ROWS, warmUp } from "./measures.mjs";
import { startTarget, startUpstream } from "./target.mjs";
import { selectTargets } from "./targets.mjs";

const { values: options, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		short: { type: "boolean" },
		targets: { type: "string" },
		json: { type: "string" },
		compare: { type: "string" },
	},
});
const [WARM_UP, ROUNDS, STARTS, TAIL] = options.short ? [300, 2, 2, 200] : [3000, 12, 15, 1000];

const folder = mkdtempSync(join(tmpdir(), "cc-any-bench-"));
const commands = await selectTargets(positionals.length > 0 ? positionals : undefined, options.targets);
const names = Object.keys(commands);
const upstream = await startUpstream();
const place = { upstream: upstream.url, folder };
/** Target → row → samples. */
const samples = new Map(names.map((name) => [name, Object.fromEntries(Object.keys(ROWS).map((row) => [row, []]))]));
/** Processes to end, also after a failure. */
const running = new Set([upstream]);
const adding = (name) => (row, value) => samples.get(name)[row].push(value);
try {
	// The first start reads from disk and fills Node's compile cache: it does not count.
	for (let start = 0; start <= STARTS; start++) for (const name of names) await measureStart(name, start > 0);
	const targets = [];
	for (const name of names) {
		targets.push(await startTarget(name, commands[name], place));
		running.add(targets.at(-1));
	}
	for (const target of targets) await warmUp(target, adding(target.name), WARM_UP);
	for (let round = 0; round < ROUNDS; round++) {
		// The order alternates, so that no target is always measured first.
		const order = round % 2 === 0 ? targets : targets.toReversed();
		for (const measure of ROUND) for (const target of order) await measure(target, adding(target.name));
		if (round === 0) for (const target of targets) afterFirstRound(target, adding(target.name));
	}
	for (const target of targets) await finish(target, adding(target.name), connections, TAIL);
} finally {
	await Promise.all([...running].map(end));
	rmSync(folder, { recursive: true, force: true });
}
report();

async function measureStart(name, counts) {
	const target = await startTarget(name, commands[name], place);
	if (counts) adding(name)("ready", target.ready);
	await end(target);
}

function end({ child }) {
	const ended = new Promise((resolve) => child.once("exit", resolve));
	child.kill("SIGTERM");
	return ended;
}

async function connections() {
	const reply = await fetch(`${upstream.url}/stats`);
	return (await reply.json()).connections;
}

function report() {
	const result = {};
	for (const [row, { title }] of Object.entries(ROWS)) {
		const pipe = samples.get("pipe")[row];
		result[title] = Object.fromEntries(names.map((name) => [name, cell(samples.get(name)[row], pipe)]));
	}
	const before = options.compare ? JSON.parse(readFileSync(options.compare, "utf8")) : undefined;
	for (const row of Object.values(ROWS)) printRow(row, result[row.title], before?.[row.title]);
	if (options.json) writeFileSync(options.json, `${JSON.stringify(result, undefined, "\t")}\n`);
}

/** Median and quartiles. `ratio` is the median of the ratios to the pipe in each round. */
function cell(values, pipe) {
	const sorted = [...values].sort((a, b) => a - b);
	const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
	// Growth of the pipe's memory, for example, is about zero: a ratio to it means nothing.
	const ratio = median(pipe) > 0.1 ? median(values.map((value, round) => value / pipe[round])) : undefined;
	return { value: median(values), from: at(0.25), to: at(0.75), ratio };
}

function printRow({ title, most, least }, cells, before) {
	console.log(`\n${title}${targetText({ most, least })}`);
	for (const [name, { value, from, to, ratio }] of Object.entries(cells)) {
		const spread = from === to ? "" : `${short(from)}–${short(to)}`;
		const verdict = name === "pipe" ? "" : verdictOn(ratio, { most, least });
		const old = before?.[name] ? `  was ${times(before[name].ratio)}` : "";
		const columns = [short(value).padStart(8), `  ${spread}`.padStart(17), times(ratio).padStart(9)];
		console.log(`  ${name.padEnd(20)}${columns.join("")}  ${verdict}${old}`.trimEnd());
	}
}

function times(ratio) {
	return ratio === undefined ? "" : `${ratio.toFixed(2)} ×`;
}

function targetText({ most, least }) {
	if (most !== undefined) return ` (at most ${most} ×)`;
	return least === undefined ? "" : ` (at least ${least} ×)`;
}

function verdictOn(ratio, { most = Number.POSITIVE_INFINITY, least }) {
	if (most === Number.POSITIVE_INFINITY && least === undefined) return "";
	return ratio <= most && ratio >= (least ?? 0) ? "ok" : "MISSED";
}

function short(value) {
	return value >= 1000 ? String(Math.round(value)) : value.toPrecision(3);
}
