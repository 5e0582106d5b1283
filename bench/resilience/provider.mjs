// A chat provider on loopback that fails as a cell decides. First token after 0.4 s, the end after 1 s, a failure after 0.1 s.
import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

const FAILURE_MS = 100;
const TTFT_MS = 400;
const STREAM_MS = 600;

/** A number from 0 to 1 that depends on the text only: both arms meet the same fate with the same attempt. */
export function chance(text) {
	let hash = 0x811c9dc5;
	for (const char of text) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
	hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
	hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
	return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

/**
 * `decide({ task, attempt, at, body })` → `{ status, message, headers, ttft, ending }`; `at` in milliseconds since
 * `begin()`. The task is the first line of the last message; a complete reply repeats it.
 */
export async function startProvider() {
	const provider = { log: [], decide: () => ({ status: 200 }), begin, cut, refused: () => false, close };
	const attempts = new Map();
	const sockets = new Set();
	let began = performance.now();
	const server = createServer(async (request, response) => {
		let body = "";
		for await (const chunk of request) body += chunk;
		const sent = JSON.parse(body || "{}");
		// cc-any asks an unknown server for its window before the first prompt.
		if (!sent.messages) return response.writeHead(404).end();
		const { content } = sent.messages.at(-1);
		const text = typeof content === "string" ? content : content.map(({ text }) => text).join("");
		const [task] = text.split("\n");
		const attempt = (attempts.get(task) ?? 0) + 1;
		attempts.set(task, attempt);
		const at = performance.now() - began;
		provider.log.push(at);
		await answer(response, task, provider.decide({ task, attempt, at, body: sent }));
	});
	server.keepAliveTimeout = 60_000;
	server.on("connection", (socket) => {
		if (provider.refused()) return socket.destroy();
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
		socket.on("error", () => {});
	});
	await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
	provider.url = `http://127.0.0.1:${server.address().port}`;
	return provider;

	function begin() {
		began = performance.now();
		provider.log.length = 0;
		attempts.clear();
	}
	/** Cuts all connections, and refuses new ones for a while. */
	async function cut(ms) {
		provider.refused = () => true;
		for (const socket of sockets) socket.destroy();
		await delay(ms);
		provider.refused = () => false;
	}
	function close() {
		server.closeAllConnections();
		server.close();
	}
}

async function answer(response, task, { status, message, headers = {}, ttft = TTFT_MS, ending = "complete" }) {
	await delay(status === 200 ? ttft : FAILURE_MS);
	if (response.destroyed) return;
	if (status !== 200) {
		const text = message ?? (status === 429 ? "rate limit" : `status ${status}`);
		response.writeHead(status, { "content-type": "application/json", ...headers });
		return response.end(JSON.stringify({ error: { message: text } }));
	}
	response.writeHead(200, { "content-type": "text/event-stream", ...headers });
	response.write(frame({ content: "hello " }, null));
	await delay(STREAM_MS);
	if (!response.destroyed) end(response, task, ending);
}

/** Complete, or as replies end that break off: without an end, with a damaged frame, or with the connection. */
function end(response, task, ending) {
	if (ending === "cut") return response.socket.resetAndDestroy();
	if (ending === "early") return response.end();
	if (ending === "damaged") return response.end("data: {broken\n\n");
	response.end(`${frame({ content: `there, ${task}` }, null)}${frame({}, "stop")}data: [DONE]\n\n`);
}

function frame(delta, finish_reason) {
	const usage = finish_reason && { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 };
	return `data: ${JSON.stringify({ id: "c", model: "mock", choices: [{ index: 0, delta, finish_reason }], ...(usage && { usage }) })}\n\n`;
}
