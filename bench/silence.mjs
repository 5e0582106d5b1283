// A provider that accepts the request and sends nothing for a long time: does Claude Code wait?
// By hand: node bench/silence.mjs [SECONDS]. Runs the oldest and the newest supported version side by side.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const SECONDS = Number(process.argv[2] ?? 1260);
const root = fileURLToPath(new URL("..", import.meta.url));
const versions = { "2.1.197": "claude-code-2-1-197", "2.1.332": "claude-code" };
const rows = await Promise.all(Object.entries(versions).map(([version, name]) => measure(version, name)));
console.table(rows);

async function measure(version, name) {
	let requests = 0;
	const provider = createServer((request, response) => {
		requests++;
		request.resume();
		request.on("end", async () => {
			response.writeHead(200, { "content-type": "text/event-stream" });
			response.write(": processing\n\n");
			await delay(SECONDS * 1000);
			const choice = { index: 0, delta: { content: "worth the wait" }, finish_reason: "stop" };
			response.end(`data: ${JSON.stringify({ id: "c", choices: [choice] })}\n\ndata: [DONE]\n\n`);
		});
	});
	await new Promise((resolve) => provider.listen(0, "127.0.0.1", resolve));
	const folder = mkdtempSync(join(tmpdir(), "cc-any-silence-"));
	const profile = join(folder, "silent.yaml");
	const baseUrl = `http://127.0.0.1:${provider.address().port}/v1`;
	writeFileSync(profile, `key: sk-silent\nmodel: m\nendpoints: { openai-chat: { baseUrl: "${baseUrl}" } }\n`);
	const claude = join(root, `node_modules/@anthropic-ai/${name}/bin/claude.exe`);
	const args = [join(root, "bin/cc-any.js"), "--profile", profile, "--claude", claude, "-p", "hello"];
	const began = Date.now();
	const env = { HOME: folder, PATH: process.env.PATH };
	const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ["ignore", "pipe", "ignore"] });
	let stdout = "";
	child.stdout.on("data", (chunk) => {
		stdout += chunk;
	});
	const code = await new Promise((resolve) => child.once("exit", resolve));
	provider.closeAllConnections();
	provider.close();
	rmSync(folder, { recursive: true, force: true });
	const row = {
		version,
		silence: SECONDS,
		requests,
		code,
		stdout: stdout.trim(),
		seconds: Math.round((Date.now() - began) / 1000),
	};
	console.log(JSON.stringify(row));
	return row;
}
