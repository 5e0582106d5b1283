// The benchmark of the proxy: every target against a bare pipe, interleaved in one run. npm run bench -- [--short]
// [--json FILE] [--compare FILE]. Ratios are what counts; a shared machine makes milliseconds wander.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ask, median, throughput } from "./load.mjs";
import { cpu, memory, startTarget, startUpstream, TARGETS } from "./target.mjs";

const { values: options } = parseArgs({
	options: { short: { type: "boolean" }, json: { type: "string" }, compare: { type: "string" } },
});
const SCALE = options.short ? 0.2 : 1;
const times = (count) => Math.max(2, Math.round(count * SCALE));

const message = (content) => [{ role: "user", content }];
const bodyOf = (model, messages, more = {}) =>
	JSON.stringify({ model, max_tokens: 100, stream: true, messages, ...more });
const SMALL = bodyOf("small", message("hello"));
const FAST = bodyOf("fast", message("hello"));
const PACED = bodyOf("paced", message("hello"));
const LARGE = largeBody();

const folder = mkdtempSync(join(tmpdir(), "cc-any-bench-"));
const upstream = await startUpstream();
const names = Object.keys(TARGETS);
const pipe = await startTarget("pipe", upstream.url, folder);
const upstreamPipe = pipe;
const rows = new Map(names.map((name) => [name, { ready: [] }]));
for (let round = 0; round < times(5); round++) {
	for (const name of names) {
		const target = await startTarget(name, upstream.url, folder);
		rows.get(name).ready.push(target.ready);
		await end(target);
	}
}
const targets = [];
for (const name of names) targets.push(name === "pipe" ? upstreamPipe : await startTarget(name, upstream.url, folder));
for (const target of targets) await measureAll(target, rows.get(target.name));
await Promise.all([...targets, upstream].map(end));
rmSync(folder, { recursive: true, force: true });
report();

function end({ child }) {
	const ended = new Promise((resolve) => child.once("exit", resolve));
	child.kill("SIGTERM");
	return ended;
}

/** 120 messages and 40 tools, 1.6 MB. */
function largeBody() {
	const text = "The quick brown fox jumps over the lazy dog. ".repeat(290);
	const messages = Array.from({ length: 121 }, (_, index) => ({
		role: index % 2 ? "assistant" : "user",
		content: text,
	}));
	const properties = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`p${index}`, { type: "string" }]));
	const tools = Array.from({ length: 40 }, (_, index) => ({
		name: `tool_${index}`,
		description: text.slice(0, 800),
		input_schema: { type: "object", properties },
	}));
	return bodyOf("small", messages, { tools });
}

async function measureAll(target, row) {
	for (let index = 0; index < 30; index++) await ask(target, SMALL);
	row.idle = memory(target).now;
	row.requestCpu = await cpuPer(target, SMALL, times(400));
	row.firstByte = median(await series(times(200), () => ask(target, SMALL).then(({ first }) => first)));
	const began = performance.now();
	row.deltaCpu = ((await cpuPer(target, FAST, times(25))) * 1000) / 4000;
	row.deltas = (4000 * times(25)) / ((performance.now() - began) / 1000);
	const delays = [];
	for (let index = 0; index < times(2); index++) await ask(target, PACED, { delays });
	row.delay = median(delays) * 1000;
	row.largeCpu = await cpuPer(target, LARGE, times(20));
	for (const clients of [1, 8, 32]) row[`c${clients}`] = await throughput(target, SMALL, clients, times(3) * 1000);
	const before = await connections();
	for (let index = 0; index < 12; index++) await Promise.all(Array.from({ length: 8 }, () => ask(target, SMALL)));
	row.connections = (await connections()) - before;
	await series(times(1000), () => ask(target, SMALL));
	const middle = memory(target).now;
	await series(times(1000), () => ask(target, SMALL));
	row.growth = memory(target).now - middle;
	row.peak = memory(target).peak;
}

async function series(count, action) {
	const results = [];
	for (let index = 0; index < count; index++) results.push(await action());
	return results;
}

async function cpuPer(target, body, count) {
	const before = cpu(target);
	await series(count, () => ask(target, body));
	return (cpu(target) - before) / count;
}

async function connections() {
	const reply = await fetch(`${upstream.url}/stats`);
	return (await reply.json()).connections;
}

function report() {
	const yardstick = rows.get("pipe");
	const before = options.compare ? JSON.parse(readFileSync(options.compare, "utf8")) : undefined;
	const measures = {
		"ready ms": (row) => median(row.ready),
		"TTFB ms": (row) => row.firstByte,
		"delay per event µs": (row) => row.delay,
		"deltas/s": (row) => row.deltas,
		"CPU per delta µs": (row) => row.deltaCpu,
		"CPU per request ms": (row) => row.requestCpu,
		"1.6 MB request, CPU ms": (row) => row.largeCpu,
		"req/s at 1": (row) => row.c1,
		"req/s at 8": (row) => row.c8,
		"req/s at 32": (row) => row.c32,
		"new connections per 96 requests": (row) => row.connections,
		"RSS idle MB": (row) => row.idle,
		"RSS peak MB": (row) => row.peak,
		"RSS growth MB": (row) => row.growth,
	};
	const result = {};
	for (const [title, read] of Object.entries(measures)) {
		result[title] = Object.fromEntries(
			names.map((name) => [name, { value: read(rows.get(name)), ratio: read(rows.get(name)) / read(yardstick) }]),
		);
	}
	const shown = ({ value, ratio }) => `${value.toFixed(value < 10 ? 2 : 0)} (${ratio.toFixed(2)} ×)`;
	console.table(
		Object.fromEntries(
			Object.entries(result).map(([title, cells]) => [
				title,
				Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, shown(cell)])),
			]),
		),
	);
	if (before) compare(before, result);
	if (options.json) writeFileSync(options.json, JSON.stringify(result, undefined, "\t"));
}

/** Ratios of an earlier run beside those of this one. */
function compare(before, after) {
	const rowsOf = Object.entries(after).map(([title, cells]) => [
		title,
		Object.fromEntries(
			Object.entries(cells).map(([name, { ratio }]) => [
				name,
				`${before[title]?.[name]?.ratio?.toFixed(2) ?? "?"} → ${ratio.toFixed(2)}`,
			]),
		),
	]);
	console.table(Object.fromEntries(rowsOf));
}
