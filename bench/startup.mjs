// What a start costs: the wall time of commands and of a launch against `node -e 0`, a proxy that is ready against the bare one
// of bench/proxy, and the time to Claude Code's first request with and without cc-any. Interleaved; medians with quartiles.
//   node bench/startup.mjs [ROUNDS]
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROUNDS = Number(process.argv[2] ?? 15);
const root = fileURLToPath(new URL("..", import.meta.url));
const ccAny = join(root, "bin/cc-any.js");
const claude = join(root, "node_modules/.bin/claude");
const folder = mkdtempSync(join(tmpdir(), "cc-any-startup-"));
const fake = join(folder, "fake-claude");
writeFileSync(fake, "#!/bin/sh\n[ \"$1\" = --version ] && echo '2.1.332 (Claude Code)'\nexit 0\n");
chmodSync(fake, 0o755);

let onRequest = () => {};
const server = createServer((request, response) => {
	if (request.method === "POST" && request.url.startsWith("/v1/messages?")) onRequest();
	if (request.method === "POST" && request.url === "/v1/messages") onRequest();
	request.resume();
	response.writeHead(400, { "content-type": "application/json" });
	response.end('{"type":"error","error":{"type":"invalid_request_error","message":"the bench ends here"}}');
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const upstream = `http://127.0.0.1:${server.address().port}`;
const profile = join(folder, "bench.json");
const endpoints = { anthropic: { baseUrl: upstream } };
writeFileSync(profile, JSON.stringify({ key: "sk-bench-key", model: "m", dialect: "anthropic", endpoints }));

const environment = { HOME: folder, PATH: process.env.PATH, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" };
const direct = { ...environment, ANTHROPIC_BASE_URL: upstream, ANTHROPIC_AUTH_TOKEN: "bench" };
const launch = (program, ...args) => [process.execPath, [ccAny, "--profile", profile, "--claude", program, ...args]];

/** Name → [measure, baseline]. */
const CASES = {
	"node -e 0": [() => whole(process.execPath, ["-e", "0"])],
	"cc-any --version": [() => whole(process.execPath, [ccAny, "--version"]), "node -e 0"],
	"cc-any --help": [() => whole(process.execPath, [ccAny, "--help"]), "node -e 0"],
	"cc-any profiles": [() => whole(process.execPath, [ccAny, "profiles"]), "node -e 0"],
	"cc-any completion bash": [() => whole(process.execPath, [ccAny, "completion", "bash"]), "node -e 0"],
	"bare proxy, ready": [() => firstLine([join(root, "bench/proxy/pipe.mjs"), upstream])],
	"cc-any serve, ready": [() => firstLine([ccAny, "serve", "--profile", profile, "--json"]), "bare proxy, ready"],
	"a fake claude": [() => whole(fake, ["-p", "hi"])],
	"a fake claude through cc-any": [() => whole(...launch(fake, "-p", "hi")), "node -e 0"],
	"claude's first request": [() => firstRequest(claude, ["-p", "hi"], direct)],
	"the same through cc-any": [() => firstRequest(...launch(claude, "-p", "hi"), environment), "claude's first request"],
};

const samples = Object.fromEntries(Object.keys(CASES).map((name) => [name, []]));
for (let round = 0; round <= ROUNDS; round++) {
	for (const [name, [measure]] of Object.entries(CASES)) {
		const taken = await measure();
		if (round > 0) samples[name].push(taken); // the first round reads from disk
	}
}
server.close();
rmSync(folder, { recursive: true, force: true });
for (const [name, [, baseline]] of Object.entries(CASES)) print(name, baseline);

/** Milliseconds from the start of a program to its end. */
function whole(file, args) {
	const began = performance.now();
	const child = spawn(file, args, { env: environment, cwd: folder, stdio: "ignore" });
	return new Promise((resolve) => child.once("exit", () => resolve(performance.now() - began)));
}

/** Milliseconds to the first line that a script prints. Ends the script. */
function firstLine(args) {
	const began = performance.now();
	const child = spawn(process.execPath, args, { env: environment, cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
	return new Promise((resolve) => {
		let taken;
		child.stdout.once("data", () => {
			taken = performance.now() - began;
			child.kill("SIGTERM");
		});
		child.once("exit", () => resolve(taken ?? Number.NaN));
	});
}

/** Milliseconds to the first Messages API request. Ends the program. */
function firstRequest(file, args, env) {
	const began = performance.now();
	const child = spawn(file, args, { env, cwd: folder, stdio: "ignore" });
	return new Promise((resolve) => {
		let taken;
		onRequest = () => {
			taken ??= performance.now() - began;
			child.kill("SIGTERM");
		};
		child.once("exit", () => resolve(taken ?? Number.NaN));
	});
}

function print(name, baseline) {
	const sorted = [...samples[name]].sort((a, b) => a - b);
	const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
	const other = baseline && [...samples[baseline]].sort((a, b) => a - b)[Math.floor(samples[baseline].length / 2)];
	const against = other ? `${(at(0.5) / other).toFixed(2)} ×, ${(at(0.5) - other).toFixed(0)} ms more` : "";
	const spread = `${at(0.25).toFixed(0)}–${at(0.75).toFixed(0)}`;
	console.log(`${name.padEnd(30)}${at(0.5).toFixed(0).padStart(6)} ms ${spread.padStart(11)}   ${against}`.trimEnd());
}
