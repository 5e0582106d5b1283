// A long run with random faults: does the proxy leak memory, sockets or requests? By hand: node bench/soak.mjs [MINUTES]
// Prints a line a minute and a summary. Everything is on loopback: three clients, about twenty requests a second.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const MINUTES = Number(process.argv[2] ?? 60);
const CLIENTS = 3;
const PAUSE = 150;
const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "cc-any-soak-"));

const provider = createServer(answer);
await new Promise((resolve) => provider.listen(0, "127.0.0.1", resolve));
const proxy = await serve(`http://127.0.0.1:${provider.address().port}/v1`);
const counts = { asked: 0, answered: 0, told: 0, broken: 0, aborted: 0, hung: 0 };
const end = Date.now() + MINUTES * 60_000;
const clients = Array.from({ length: CLIENTS }, () => client());
const samples = [];
while (Date.now() < end) {
	await delay(Math.min(60_000, end - Date.now()));
	samples.push(sample());
	console.log(JSON.stringify({ minute: samples.length, ...samples.at(-1), ...counts }));
}
await Promise.all(clients);
await delay(2000);
const last = sample();
proxy.child.kill("SIGTERM");
const code = await new Promise((resolve) => proxy.child.once("exit", resolve));
provider.closeAllConnections();
provider.close();
rmSync(folder, { recursive: true, force: true });
console.log(JSON.stringify({ first: samples[0], last, exit: code, ...counts }));

/** One client. It reads most replies to the end and drops some halfway. */
async function client() {
	while (Date.now() < end) {
		await delay(PAUSE);
		counts.asked++;
		const abort = new AbortController();
		const drops = Math.random() < 0.05;
		if (drops) setTimeout(() => abort.abort(), Math.random() * 50);
		const watchdog = setTimeout(() => {
			counts.hung++;
			abort.abort();
		}, 60_000);
		try {
			const reply = await fetch(`${proxy.url}/v1/messages`, {
				method: "POST",
				signal: abort.signal,
				headers: { authorization: `Bearer ${proxy.token}` },
				body: JSON.stringify(request()),
			});
			const text = await reply.text();
			if (reply.status !== 200) counts.told++;
			else if (text.includes("event: message_stop") || text.includes('"stop_reason":"')) counts.answered++;
			else if (text.includes("event: error")) counts.told++;
			else counts.broken++;
		} catch (error) {
			if (abort.signal.aborted) counts.aborted++;
			else throw error;
		} finally {
			clearTimeout(watchdog);
		}
	}
}

function request() {
	// Every twentieth request is a long conversation.
	const words = Math.random() < 0.05 ? 40_000 : 4000;
	const content = "word ".repeat(Math.floor(Math.random() * words));
	const tools = [{ name: "Bash", input_schema: { type: "object", properties: { command: { type: "string" } } } }];
	return { model: "m", max_tokens: 100, stream: Math.random() < 0.8, tools, messages: [{ role: "user", content }] };
}

/** Mostly a good reply, sometimes one of the faults. */
function answer(request, response) {
	request.resume();
	request.on("end", () => {
		const chance = Math.random();
		if (chance < 0.02) return response.socket.resetAndDestroy();
		if (chance < 0.04) return json(response, 503, '{"error":{"message":"Service temporarily unavailable"}}');
		if (chance < 0.05) return json(response, 429, '{"error":{"message":"rate limit"}}', { "retry-after": "1" });
		if (chance < 0.06) return json(response, 400, '{"error":{"message":"bad"}}');
		response.writeHead(200, { "content-type": "text/event-stream" });
		for (let index = 0; index < 20; index++) chunk(response, { content: `word${index} ` });
		if (chance < 0.08) return response.socket.resetAndDestroy();
		if (chance < 0.09) return response.end("data: {broken\n\n");
		if (chance < 0.1) return response.end();
		chunk(response, {}, "stop");
		response.end("data: [DONE]\n\n");
	});
}

function chunk(response, delta, finish_reason = null) {
	response.write(`data: ${JSON.stringify({ id: "c", choices: [{ index: 0, delta, finish_reason }] })}\n\n`);
}

function json(response, status, body, headers = {}) {
	response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
}

/** Resident memory in MB, open files and sockets of the proxy. */
function sample() {
	const status = readFileSync(`/proc/${proxy.child.pid}/status`, "utf8");
	const rss = Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024);
	return { rss, files: readdirSync(`/proc/${proxy.child.pid}/fd`).length };
}

async function serve(baseUrl) {
	const profile = join(folder, "soak.yaml");
	writeFileSync(profile, `key: sk-soak-key\nmodel: m\nendpoints: { openai-chat: { baseUrl: "${baseUrl}" } }\n`);
	const args = [join(root, "bin/cc-any.js"), "serve", "--profile", profile, "--json"];
	const env = { HOME: folder, PATH: process.env.PATH };
	const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
	for await (const line of createInterface({ input: child.stdout })) return { ...JSON.parse(line), child };
}
