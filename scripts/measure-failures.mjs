// Measures what each class of failure costs and what is shown: the real Claude Code in print mode and in a session, and
// Anthropic's SDK through `cc-any serve`, each against a provider that always fails in one way. Writes docs/failures.md.
// After a build: node scripts/measure-failures.mjs [CLASS …] [--print-only]
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import Anthropic from "@anthropic-ai/sdk";
import { spawn as spawnTerminal } from "@lydell/node-pty";
import xterm from "@xterm/headless";

const root = fileURLToPath(new URL("..", import.meta.url));
const ccAny = join(root, "bin/cc-any.js");
const claude = join(root, "node_modules/@anthropic-ai/claude-code/bin/claude.exe");
const version = JSON.parse(readFileSync(join(root, "node_modules/@anthropic-ai/claude-code/package.json"))).version;

/** Claude Code itself retries some classes for minutes: after this time the measurement ends. */
const LIMIT_MS = 20_000;

const error = (status, message, more = {}) => ({ status, body: JSON.stringify({ error: { message, ...more } }) });
const stream = (...chunks) => ({
	status: 200,
	type: "text/event-stream",
	body: [...chunks.map((chunk) => JSON.stringify(chunk)), "[DONE]"].map((data) => `data: ${data}\n\n`).join(""),
});
const choice = (delta, finish = null) => ({ id: "c", choices: [{ index: 0, delta, finish_reason: finish }] });
const page = (title) => ({
	type: "text/html",
	body: `<!DOCTYPE html><html><head><title>${title}</title></head></html>`,
});

/** What the provider answers, by class. A function gets the path. */
const CASES = {
	"bad-request": error(400, "the host says no"),
	"unsupported-parameter": error(400, "the field `messages` holds something that is not supported here"),
	"context-overflow": error(400, "This model's maximum context length is 4096 tokens, your messages have 5000 tokens."),
	"wrong-address": (path) =>
		path === "/v1/chat/completions" ? error(400, "no messages") : { status: 404, ...page("404 Not Found") },
	"a login page": { status: 200, ...page("Sign in") },
	"model-not-found": error(404, "The model `m` does not exist."),
	auth: error(401, "Incorrect API key provided"),
	permission: error(403, "Your account may not use this"),
	balance: error(402, "Insufficient Balance"),
	quota: error(429, "You exceeded your current quota", { code: "insufficient_quota" }),
	"content-filter": error(400, "The response was filtered", { code: "content_filter" }),
	deterministic: error(500, "Failed to parse tool call arguments as JSON: [json.exception.parse_error.101]"),
	"an empty reply": stream(choice({ role: "assistant" }), choice({}, "stop")),
	"reasoning alone": stream(choice({ reasoning_content: "Hm." }), choice({}, "stop")),
	unreachable: undefined,
	"rate-limit, 90 s": { ...error(429, "slow down"), headers: { "retry-after": "90" } },
	overloaded: error(503, "no capacity"),
};
/** Base URLs that are wrong on purpose; `unreachable` has a port where nothing listens. */
const BASE = { "wrong-address": "", unreachable: ":9" };

/** How Claude Code begins what it says of a failure. */
const MESSAGE =
	/(?:API Error|There's an issue with the selected model|Please run \/login|Failed to authenticate|Prompt is too long|Request too large|Context limit)/;

const names = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const isPrintOnly = process.argv.includes("--print-only");
const rows = [];
for (const name of names.length > 0 ? names : Object.keys(CASES)) {
	for (const client of isPrintOnly ? [print] : [print, session, sdk]) {
		const row = { class: name, ...(await measure(name, client)) };
		rows.push(row);
		console.log(Object.values(row).join(" | "));
	}
}
if (names.length === 0 && !isPrintOnly) {
	const file = join(root, "docs/failures.md");
	writeFileSync(file, pageOf(rows));
	execFileSync(join(root, "node_modules/.bin/biome"), ["check", "--write", file], { stdio: "ignore" });
}
process.exit(0);

async function measure(name, client) {
	const folder = mkdtempSync(join(tmpdir(), "cc-any-failures-"));
	for (const part of ["home", "tmp", "work"]) mkdirSync(join(folder, part));
	const provider = await startProvider(CASES[name]);
	const base = BASE[name] ?? "/v1";
	const url = base === ":9" ? "http://127.0.0.1:9/v1" : `${provider.url}${base}`;
	const began = Date.now();
	try {
		const found = await client({ folder, options: ["--base-url", url, "--model", "m"] });
		return { ...found, seconds: Math.round((Date.now() - began) / 1000), requests: provider.count() };
	} finally {
		provider.server.closeAllConnections();
		provider.server.close();
		rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
	}
}

/** A provider on loopback. Requests without a prompt are probes of cc-any, and titles of Claude Code have no tools. */
async function startProvider(behaviour) {
	const counts = { prompts: 0, probes: 0 };
	const server = createServer(async (request, response) => {
		const parts = [];
		for await (const part of request) parts.push(part);
		const body = parts.length > 0 ? JSON.parse(Buffer.concat(parts)) : {};
		const isProbe = body.messages === undefined;
		// Claude Code's requests for titles have no tools.
		const isPrompt = body.tools?.length > 0 || JSON.stringify(body).includes("the sdk asks");
		if (isProbe) counts.probes++;
		else if (isPrompt) counts.prompts++;
		const {
			status,
			body: text = "",
			type = "application/json",
			headers = {},
		} = typeof behaviour === "function" ? behaviour(request.url) : behaviour;
		response.writeHead(status, { "content-type": type, ...headers });
		response.end(text);
	});
	await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
	const count = () => (counts.probes > 0 ? `${counts.prompts} and ${counts.probes} empty` : String(counts.prompts));
	return { server, url: `http://127.0.0.1:${server.address().port}`, count };
}

function environment(folder) {
	const work = join(folder, "work");
	const state = { hasCompletedOnboarding: true, projects: { [work]: { hasTrustDialogAccepted: true } } };
	writeFileSync(join(folder, "home/.claude.json"), JSON.stringify(state));
	return { HOME: join(folder, "home"), TMPDIR: join(folder, "tmp"), PATH: process.env.PATH, TERM: "xterm-256color" };
}

async function print({ folder, options }) {
	const words = [ccAny, "--claude", claude, ...options, "-p", "hello there"];
	const child = spawn(process.execPath, words, {
		cwd: join(folder, "work"),
		env: environment(folder),
		stdio: ["ignore", "pipe", "pipe"],
	});
	let text = "";
	child.stdout.on("data", (part) => {
		text += part;
	});
	const ended = new Promise((resolve) => child.once("exit", () => resolve(true)));
	const isOver = await Promise.race([ended, delay(LIMIT_MS, false)]);
	if (!isOver) {
		child.kill("SIGTERM");
		await ended;
	}
	return { client: "print", ...shownIn(text, isOver) };
}

async function session({ folder, options }) {
	const words = [ccAny, "--claude", claude, ...options];
	const screen = new xterm.Terminal({ cols: 200, rows: 50, allowProposedApi: true });
	const terminal = spawnTerminal(process.execPath, words, {
		cwd: join(folder, "work"),
		env: environment(folder),
		cols: 200,
		rows: 50,
	});
	terminal.onData((data) => screen.write(data));
	const ended = new Promise((resolve) => terminal.onExit(resolve));
	const lines = () => {
		const { active } = screen.buffer;
		return Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? "").join(
			"\n",
		);
	};
	const shows = async (pattern) => {
		const until = Date.now() + LIMIT_MS;
		while (!pattern.test(lines()) && Date.now() < until) await delay(100);
		return pattern.test(lines());
	};
	await shows(/❯/);
	await delay(1500);
	terminal.write("hello there");
	await delay(500);
	terminal.write("\r");
	const isOver = await shows(MESSAGE);
	// Whatever Claude Code sends after it has shown the message.
	await delay(2000);
	const text = lines();
	terminal.kill("SIGTERM");
	await ended;
	return { client: "session", ...shownIn(text, isOver) };
}

async function sdk({ folder, options }) {
	const words = [ccAny, "serve", "--json", ...options];
	const child = spawn(process.execPath, words, {
		cwd: join(folder, "work"),
		env: environment(folder),
		stdio: ["ignore", "pipe", "ignore"],
	});
	const { value: line } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
	const { url, token } = JSON.parse(line);
	const client = new Anthropic({ baseURL: url, authToken: token, apiKey: null });
	const asked = { model: "m", max_tokens: 1000, messages: [{ role: "user", content: "the sdk asks" }] };
	const failed = client.messages.create(asked).then(
		() => ({ status: 200, message: "" }),
		(error) => ({ status: error.status, message: error.error?.error?.message ?? error.message }),
	);
	const { status, message } = await Promise.race([failed, delay(LIMIT_MS, { status: "", message: "" })]);
	const ended = new Promise((resolve) => child.once("exit", resolve));
	child.kill("SIGTERM");
	await ended;
	return { client: "SDK", status: status || "waits", shown: oneLine(message) };
}

function oneLine(text) {
	return text
		.replace(/127\.0\.0\.1:\d+/g, "HOST")
		.replace(/\s+/g, " ")
		.trim();
}

function shownIn(text, isOver) {
	const at = text.search(MESSAGE);
	const said = at < 0 ? "" : text.slice(at).split(/\n\s*(?:[─╭✻❯]|\n)/)[0];
	const status = /API Error: (?:Request rejected \()?(\d+)/.exec(said)?.[1] ?? "";
	return { status: isOver ? status : "waits", shown: oneLine(said) };
}

function pageOf(found) {
	const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`;
	const cells = (row) => [row.class, row.client, row.status, row.requests, row.seconds, row.shown];
	const head = ["failure", "client", "status", "upstream requests", "seconds", "what is shown"];
	return `# What a failure costs, and what is shown

Made by \`node scripts/measure-failures.mjs\` with Claude Code ${version} and Anthropic's SDK: one prompt against a provider that
always fails in the same way. Seconds include the start of the client, and in a session the typing and 2 s after the message. The SDK goes through
\`cc-any serve\` and has its own two retries. No status: Claude Code shows words of its own. "waits": still retrying after ${LIMIT_MS / 1000} s.
"empty": requests without a prompt, with which cc-any looks for the right address.

${[line(head), line(head.map(() => "---")), ...found.map((row) => line(cells(row)))].join("\n")}
`;
}
