// One arm of one cell: clients that retry as Claude Code does, directly or through a cc-any of their own.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startProvider } from "./provider.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const WORK_MS = 300;
const MAX_RETRIES = 10;

export async function trial(arm, cell, seed) {
	const provider = await startProvider();
	const proxy = arm === "cc-any" ? await serve(provider.url) : undefined;
	const send = sender(provider, proxy);
	await send("warm-up", new Agent());
	provider.decide = cell.decide(seed);
	provider.begin();
	const began = performance.now();
	const out = { done: [], errors: 0, givenUp: 0 };
	const context = { send, out, began, until: began + cell.seconds * 1000 };
	const names = Array.from({ length: cell.clients }, (_, index) => `client ${index}`);
	const clients = names.map((name) => client(context, name, cell));
	if (cell.poison) clients.push(client({ ...context, out: { done: [] } }, "poison", cell));
	await Promise.all([...clients, ...(cell.cuts ?? []).map((at) => delay(at * 1000).then(() => provider.cut(300)))]);
	await proxy?.stop();
	provider.close();
	return measured(cell, out, provider.log, names);
}

function measured({ seconds, cuts = [], outage, once }, { done, errors, givenUp }, log, names) {
	const durations = done.map(({ ms }) => ms).sort((a, b) => a - b);
	const incidents = once ? [0] : outage ? [outage[1]] : cuts.map((at) => at * 1000);
	const backAfter = (from) => Math.max(...names.map((name) => backOf(name, from) - from));
	const backOf = (name, from) => done.find((answer) => answer.name === name && answer.at > from)?.at ?? from + 99_000;
	return {
		answersPerMinute: round((done.length * 60) / seconds),
		p95Ms: Math.round(durations[Math.min(durations.length - 1, Math.floor(durations.length * 0.95))] ?? 0),
		errors,
		givenUp,
		requests: outage ? log.filter((at) => at >= outage[0] && at < outage[1]).length : log.length,
		...(incidents.length > 0 && { backAfterMs: incidents.map((from) => Math.round(backAfter(from))) }),
	};
}

const round = (value) => Math.round(value * 10) / 10;

/** Requests one after the other. A task is new for each; the poisonous client repeats its own. */
async function client({ send, out, began, until }, name, { once }) {
	const agent = new Agent({ keepAlive: true });
	for (let number = 0; performance.now() < until && !(once && number > 0); number++) {
		const started = performance.now();
		const task = name === "poison" ? name : `${name} task ${number}`;
		const outcome = await ask(send, task, agent, { until, out });
		const now = performance.now();
		if (outcome === "answered") out.done.push({ at: now - began, name, ms: now - started });
		else if (now < until) out.givenUp++;
		await delay(WORK_MS);
	}
	agent.destroy();
}

/** 408, 409, 429, 5xx and broken replies are retried after 0.5 s · 2^n, at most 32 s, or the Retry-After. */
async function ask(send, task, agent, { until, out }) {
	for (let tries = 0; performance.now() < until; tries++) {
		const reply = await send(task, agent);
		if (reply.isAnswered) return "answered";
		out.errors++;
		const { status, headers } = reply;
		const mayRetry = status === 0 || status === 200 || [408, 409, 429].includes(status) || status >= 500;
		const named = Number(headers["retry-after"] ?? 0);
		if (!mayRetry || headers["x-should-retry"] === "false" || tries >= MAX_RETRIES || named > 60) return "given up";
		const backoff = Math.min(32_000, 500 * 2 ** tries) * (0.75 + Math.random() * 0.5);
		await delay(Math.max(named * 1000, backoff));
	}
	return "too late";
}

function sender(provider, proxy) {
	const url = new URL(proxy ? `${proxy.url}/v1/messages` : `${provider.url}/v1/chat/completions`);
	const headers = proxy ? { "x-api-key": proxy.token, "user-agent": "claude-cli/2 (external, sdk-cli)" } : {};
	return (task, agent) =>
		new Promise((resolve) => {
			const body = JSON.stringify({
				model: "mock",
				max_tokens: 1000,
				stream: true,
				messages: [{ role: "user", content: task }],
			});
			const failed = () => resolve({ status: 0, headers: {}, isAnswered: false });
			const options = { method: "POST", agent, headers: { ...headers, "content-type": "application/json" } };
			const sent = request(url, options, (response) => {
				let text = "";
				response.on("data", (chunk) => (text += chunk)).on("error", failed);
				response.on("end", () => {
					const { statusCode: status, headers: received, complete } = response;
					const isAnswered = status === 200 && complete && !/event: error|"type":"error"/.test(text);
					resolve({ status, headers: received, isAnswered });
				});
			});
			sent.on("error", failed);
			sent.end(body);
		});
}

async function serve(url) {
	const folder = mkdtempSync(join(tmpdir(), "cc-any-resilience-"));
	const words = ["serve", "--json", "--base-url", url, "--dialect", "openai-chat", "--model", "mock"];
	const env = { PATH: process.env.PATH, HOME: folder, TMPDIR: folder, NO_PROXY: "127.0.0.1" };
	const child = spawn(process.execPath, [join(root, "bin/cc-any.js"), ...words], {
		cwd: folder,
		env,
		stdio: ["ignore", "pipe", "ignore"],
	});
	const ended = new Promise((resolve) => child.once("exit", resolve));
	for await (const line of createInterface({ input: child.stdout })) {
		const stop = async () => {
			child.kill("SIGTERM");
			await ended;
			rmSync(folder, { recursive: true, force: true });
		};
		return { ...JSON.parse(line), stop };
	}
	throw new Error("cc-any serve did not start");
}
