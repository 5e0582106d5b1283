// Six Claude Code processes meet a provider that is down for a while and says so with 503, once straight and once
// through one `cc-any serve`. Counts the requests that the provider got. Run by hand: node bench/outage.mjs [SECONDS]
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SECONDS = Number(process.argv[2] ?? 60);
const PROCESSES = 6;
const root = fileURLToPath(new URL("..", import.meta.url));
const claude = join(root, "node_modules/.bin/claude");
const folder = mkdtempSync(join(tmpdir(), "cc-any-outage-"));

const rows = [];
for (const name of ["straight", "cc-any"]) rows.push({ name, ...(await measure(name)) });
rmSync(folder, { recursive: true, force: true });
console.table(rows);

async function measure(name) {
	const provider = await startProvider();
	const proxy = name === "cc-any" ? await serve(provider.url) : undefined;
	const url = proxy?.url ?? provider.url;
	const token = proxy?.token ?? "sk-outage-key";
	const began = Date.now();
	const codes = await Promise.all(Array.from({ length: PROCESSES }, (_, index) => ask(url, token, `${name}-${index}`)));
	const seconds = ((Date.now() - began) / 1000).toFixed(0);
	proxy?.child.kill("SIGTERM");
	provider.server.closeAllConnections();
	provider.server.close();
	return { "requests in the outage": provider.refused(), answered: codes.filter((code) => code === 0).length, seconds };
}

/** A Messages endpoint that answers 503 for SECONDS after its first request, then normally. */
async function startProvider() {
	let first;
	let refused = 0;
	const server = createServer((request, response) => {
		request.resume();
		if (request.method !== "POST") return response.end();
		first ??= Date.now();
		if (Date.now() - first < SECONDS * 1000) {
			refused++;
			response.writeHead(503, { "content-type": "application/json" });
			return response.end('{"error":{"message":"Service temporarily unavailable"}}');
		}
		response.writeHead(200, { "content-type": "text/event-stream" });
		for (const event of reply()) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
		response.end();
	});
	await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
	return { server, url: `http://127.0.0.1:${server.address().port}`, refused: () => refused };
}

function reply() {
	const usage = { input_tokens: 1, output_tokens: 1 };
	const end = { stop_reason: null, stop_sequence: null, usage };
	const message = { id: "msg_1", type: "message", role: "assistant", model: "m", content: [], ...end };
	return [
		{ type: "message_start", message },
		{ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
		{ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "back" } },
		{ type: "content_block_stop", index: 0 },
		{ type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage },
		{ type: "message_stop" },
	];
}

async function serve(url) {
	const profile = join(folder, "outage.yaml");
	writeFileSync(profile, `key: sk-outage-key\nmodel: m\nendpoints: { anthropic: { baseUrl: "${url}" } }\n`);
	const args = [join(root, "bin/cc-any.js"), "serve", "--profile", profile, "--json"];
	const child = spawn(process.execPath, args, { env: environment("serve"), stdio: ["ignore", "pipe", "inherit"] });
	for await (const line of createInterface({ input: child.stdout })) return { ...JSON.parse(line), child };
}

function ask(url, token, name) {
	const env = {
		...environment(name),
		ANTHROPIC_BASE_URL: url,
		ANTHROPIC_AUTH_TOKEN: token,
		ANTHROPIC_MODEL: "m",
		CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST: "1",
		CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
	};
	const child = spawn(claude, ["-p", "hello"], { cwd: folder, env, stdio: "ignore" });
	return new Promise((resolve) => child.once("exit", resolve));
}

function environment(name) {
	return { HOME: join(folder, name), PATH: process.env.PATH, NO_PROXY: "127.0.0.1", TMPDIR: folder };
}
