// One arm of one cell: clients that retry as Claude Code does, directly or through a cc-any of their own.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { runClient, sender } from "./client.mjs";
import { startProvider } from "./provider.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const BLIP_MS = 300;
/** Answers are counted in blocks of this length, for the bound of confidence. */
const BLOCK_MS = 20_000;

/** `watch(child)` begins to observe the process of cc-any, and returns a function that ends it. */
export async function trial(arm, cell, seed, watch = () => async () => {}) {
	const provider = await startProvider();
	const proxy = arm === "cc-any" ? await serve(provider.url) : undefined;
	const send = sender(provider, proxy);
	await send("warm-up", new Agent());
	provider.decide = cell.decide(seed);
	provider.begin();
	const began = performance.now();
	const context = { send, began, until: began + cell.seconds * 1000, once: cell.once, shape: cell.shape?.(seed) };
	const endWatch = proxy && watch(proxy.child);
	const out = outcomes();
	const names = Array.from({ length: cell.clients }, (_, index) => `client ${index}`);
	const clients = names.map((name) => runClient(name, { ...context, out }));
	const poison = outcomes();
	if (cell.poison) clients.push(runClient("poison", { ...context, out: poison }));
	const cuts = (cell.cuts ?? []).map((at) => delay(at * 1000).then(() => provider.cut(BLIP_MS)));
	await Promise.all([...clients, ...cuts]);
	await endWatch?.();
	await proxy?.stop();
	provider.close();
	out.hung += poison.hung;
	out.broken += poison.broken;
	return measured(cell, out, provider.log, names);
}

/**
 * `errors`: failures that clients received; `broken`: replies that ended without an end or an error; `answeredWithoutField`:
 * requests with a field that the provider refuses, which are not in `done`.
 */
function outcomes() {
	return { done: [], errors: 0, broken: 0, givenUp: 0, hung: 0, cancelled: 0, answeredWithoutField: 0 };
}

function measured({ seconds, cuts = [], outage, once }, { done, ...counts }, log, names) {
	const durations = done.map(({ ms }) => ms).sort((a, b) => a - b);
	const incidents = once ? [0] : outage ? [outage[1]] : cuts.map((at) => at * 1000);
	const backAfter = (from) => Math.max(...names.map((name) => backOf(name, from) - from));
	const backOf = (name, from) => done.find((answer) => answer.name === name && answer.at > from)?.at ?? from + 99_000;
	return {
		answersPerMinute: round((done.length * 60) / seconds),
		answersOfBlocks: Array.from({ length: Math.ceil((seconds * 1000) / BLOCK_MS) }, (_, index) => {
			return done.filter(({ at }) => Math.floor(at / BLOCK_MS) === index).length;
		}),
		p95Ms: Math.round(durations[Math.min(durations.length - 1, Math.floor(durations.length * 0.95))] ?? 0),
		...counts,
		requests: outage ? log.filter((at) => at >= outage[0] && at < outage[1]).length : log.length,
		...(incidents.length > 0 && { backAfterMs: incidents.map((from) => Math.round(backAfter(from))) }),
	};
}

const round = (value) => Math.round(value * 10) / 10;

async function serve(url) {
	const folder = mkdtempSync(join(tmpdir(), "cc-any-resilience-"));
	const report = new URL("report-vitals.mjs", import.meta.url).href;
	const words = ["serve", "--json", "--base-url", url, "--dialect", "openai-chat", "--model", "mock"];
	const env = { PATH: process.env.PATH, HOME: folder, TMPDIR: folder, NO_PROXY: "127.0.0.1" };
	const child = spawn(process.execPath, ["--import", report, join(root, "bin/cc-any.js"), ...words], {
		cwd: folder,
		env,
		stdio: ["ignore", "pipe", "ignore", "ipc"],
	});
	const ended = new Promise((resolve) => child.once("exit", resolve));
	for await (const line of createInterface({ input: child.stdout })) {
		const stop = async () => {
			child.kill("SIGTERM");
			await ended;
			rmSync(folder, { recursive: true, force: true });
		};
		return { ...JSON.parse(line), child, stop };
	}
	throw new Error("cc-any serve did not start");
}
