// What recording costs: CPU per delta of the proxy without records, with the light record, and with a full trace; for
// deltas as fast as the socket takes them, many in one read, and for a paced stream, as a model writes it.
// `node bench/trace.mjs [rounds]` prints a table; the modes take turns, so that other load on the machine affects them equally.
import { fork } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const DELTAS = 4000;
const PACED = 400;
const REQUESTS = 4;
const MODES = ["none", "light", "full"];
const root = fileURLToPath(new URL("..", import.meta.url));

if (process.argv[2] === "upstream") startUpstream();
else if (process.argv[2] === "proxy") await startProxyProcess(process.argv[3], process.argv[4]);
else await main(Number(process.argv[2] ?? 5));

/** Sends every delta as soon as the socket takes it, or one a write with a pause, as the model's name says. */
function startUpstream() {
	const chunk = (delta, finish_reason = null) =>
		`data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
	const server = createServer(async (request, response) => {
		const chunks = [];
		for await (const bytes of request) chunks.push(bytes);
		const isPaced = JSON.parse(Buffer.concat(chunks).toString()).model === "paced";
		response.writeHead(200, { "content-type": "text/event-stream" });
		for (let index = 0; index < (isPaced ? PACED : DELTAS); index++) {
			if (isPaced) await new Promise((done) => setTimeout(done, 3));
			if (!response.write(chunk({ content: `word ${index} ` })))
				await new Promise((done) => response.once("drain", done));
		}
		response.end(`${chunk({}, "stop")}data: [DONE]\n\n`);
	});
	server.listen(0, "127.0.0.1", () => process.send(server.address().port));
}

/** Bundles what a session is made of, and runs one proxy with or without records. */
async function startProxyProcess(mode, upstream) {
	const { startProxy, openRecording } = await import(process.env.BENCH_BUNDLE);
	const model = (id) => ({ id, vision: true, thinking: "toggle" });
	const profile = {
		...{ name: "bench", title: "", dialect: "openai-chat", key: "sk-bench-key-0123456789" },
		endpoints: { "openai-chat": { baseUrl: `http://127.0.0.1:${upstream}/v1` } },
		...{ headers: {}, models: { fast: model("fast"), paced: model("paced") }, quirks: {}, disabledRepairs: [] },
		tiers: { opus: "fast", sonnet: "fast", haiku: "fast", fable: "fast", subagent: "fast" },
	};
	const environment = { env: process.env, home: process.env.HOME };
	const recording =
		mode === "none"
			? undefined
			: await openRecording({ profile, trace: mode === "full", environment, warn: console.warn });
	const proxy = await startProxy({
		profile,
		...(recording && { recorder: recording.recorder, onExchange: (record) => recording.append(record) }),
	});
	process.send({ url: proxy.url, token: proxy.token });
	process.on("message", () => {
		const { user, system } = process.cpuUsage();
		process.send({ process: user + system, thread: mainThreadTime() });
	});
}

/** CPU time of the main thread, in microseconds (Linux). */
function mainThreadTime() {
	const [nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ");
	return Number(nanoseconds) / 1000;
}

async function main(rounds) {
	const folder = mkdtempSync(join(tmpdir(), "cc-any-bench-"));
	// Inside the package, so that the bundle finds dist/trace-worker.js.
	const bundled = join(root, "bench/results/trace-bundle.mjs");
	mkdirSync(dirname(bundled), { recursive: true });
	const children = [];
	const start = async (...words) => {
		const env = { ...process.env, HOME: folder, XDG_STATE_HOME: folder, BENCH_BUNDLE: bundled };
		const child = fork(fileURLToPath(import.meta.url), words, { env });
		children.push(child);
		return [child, await new Promise((done) => child.once("message", done))];
	};
	try {
		await bundle(bundled);
		const [, upstream] = await start("upstream");
		const proxies = {};
		for (const mode of MODES) proxies[mode] = await start("proxy", mode, String(upstream));
		for (const model of ["fast", "paced"]) await compare(model, proxies, rounds);
	} finally {
		for (const child of children) child.kill();
		rmSync(folder, { recursive: true, force: true });
		rmSync(bundled, { force: true });
	}
}

async function compare(model, proxies, rounds) {
	const samples = Object.fromEntries(MODES.map((mode) => [mode, []]));
	for (const mode of MODES) await measure(proxies[mode], model); // warm
	for (let round = 0; round < rounds; round++) {
		for (const mode of MODES) samples[mode].push(await measure(proxies[mode], model));
	}
	console.log(`${model.padEnd(6)}  CPU µs/delta, translating thread       whole process`);
	for (const mode of MODES) {
		const cells = ["thread", "process"].map((kind) => {
			const value = median(samples[mode].map((sample) => sample[kind]));
			const none = median(samples.none.map((sample) => sample[kind]));
			return `${value.toFixed(2).padStart(14)} ${`${((100 * value) / none - 100).toFixed(1)} %`.padStart(8)}`;
		});
		console.log(`${mode.padEnd(6)} ${cells.join("   ")}`);
	}
}

function median(values) {
	return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function bundle(outfile) {
	const contents =
		'export { startProxy } from "./src/proxy/server.ts"; export { openRecording } from "./src/trace/record/recording.ts";';
	const banner = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
	await build({
		...{ stdin: { contents, resolveDir: root, loader: "ts" }, outfile, bundle: true, format: "esm", platform: "node" },
		...{ target: "node20.19", external: ["typescript"], banner: { js: banner }, logLevel: "warning" },
	});
}

/** CPU microseconds per delta of the proxy's thread and of all its threads, what is written behind the replies included. */
async function measure([child, { url, token }], model) {
	const deltas = model === "paced" ? PACED : DELTAS;
	const usage = () =>
		new Promise((done) => {
			child.once("message", done);
			child.send("usage");
		});
	const before = await usage();
	const body = JSON.stringify({ model, max_tokens: 9, stream: true, messages: [{ role: "user", content: "go" }] });
	const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
	const ask = async () => {
		const response = await fetch(`${url}/v1/messages`, { method: "POST", headers, body });
		const text = await response.text();
		if (text.split("event: content_block_delta").length - 1 < deltas)
			throw new Error(`deltas are missing: ${text.slice(0, 300)}`);
	};
	await Promise.all(Array.from({ length: REQUESTS }, ask));
	await new Promise((done) => setTimeout(done, 150));
	const after = await usage();
	const each = (kind) => (after[kind] - before[kind]) / (REQUESTS * deltas);
	return { thread: each("thread"), process: each("process") };
}
