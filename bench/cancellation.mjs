// What AbortController costs in place of the proxy's own Cancellation, for the signals of one exchange: one for the exchange,
// one for its attempt, and two listeners (the upstream request and a wait). Exchanges overlap and last for some turns of the event
// loop, as those of a proxy do, so that garbage collection is part of the price. All are measured in one run, in turn.
//   node bench/cancellation.mjs [EXCHANGES]
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const EXCHANGES = Number(process.argv[2] ?? 20_000);
const ROUNDS = 9;
const IN_FLIGHT = 32;
/** Bytes of other objects that a small exchange allocates; they make young signals survive or not. */
const GARBAGE = 200;

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(root, "node_modules/.bench-"));
const outfile = join(folder, "cancellation.mjs");
const entryPoints = [join(root, "src/upstream/http/cancellation.ts")];
await build({ entryPoints, outfile, bundle: true, platform: "node", format: "esm", logLevel: "error" });
const { Cancellation } = await import(pathToFileURL(outfile).href);
rmSync(folder, { recursive: true });

/** Each opens the signals of one exchange, and returns what ends them. */
const VARIANTS = {
	Cancellation() {
		const exchange = new Cancellation();
		const attempt = new Cancellation(exchange);
		const stopListening = listen(attempt);
		return () => {
			stopListening();
			attempt.detach();
		};
	},
	AbortController() {
		const exchange = new AbortController();
		const attempt = new AbortController();
		return listen(AbortSignal.any([exchange.signal, attempt.signal]));
	},
};

function listen(signal) {
	const listeners = [() => {}, () => {}];
	for (const listener of listeners) signal.addEventListener("abort", listener);
	return () => {
		for (const listener of listeners) signal.removeEventListener("abort", listener);
	};
}

const samples = Object.fromEntries(["nothing", ...Object.keys(VARIANTS)].map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
	for (const [name, open] of [["nothing", () => () => {}], ...Object.entries(VARIANTS)]) {
		const before = process.cpuUsage();
		await run(open);
		const { user, system } = process.cpuUsage(before);
		if (round > 0) samples[name].push((user + system) / EXCHANGES);
	}
}
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const base = median(samples.nothing);
for (const name of Object.keys(VARIANTS)) {
	console.log(`${name.padEnd(18)}${(median(samples[name]) - base).toFixed(1).padStart(7)} µs CPU per exchange`);
}

async function run(open) {
	const running = [];
	for (let exchange = 0; exchange < EXCHANGES; exchange++) {
		const end = open();
		running.push({ end, garbage: Array.from({ length: GARBAGE }, (_, index) => ({ index })) });
		if (running.length > IN_FLIGHT) running.shift().end();
		await new Promise(setImmediate);
	}
	for (const { end } of running) end();
}
