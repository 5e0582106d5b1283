// The load client: sends requests over keep-alive connections and reads the replies as bytes.
import { Agent, request } from "node:http";

/** The user agent of an interactive Claude Code. Replies to it are smoothed. */
const INTERACTIVE = { "user-agent": "claude-cli/2.1.332 (external, cli)" };
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Sends one request; resolves with times in milliseconds. `delays`: gets the delay of each paced delta, in milliseconds. */
export function ask(target, body, { delays } = {}) {
	const began = performance.now();
	return new Promise((resolve, reject) => {
		const headers = { ...INTERACTIVE, authorization: `Bearer ${target.token}`, "content-type": "application/json" };
		const outgoing = request(`${target.url}/v1/messages`, { method: "POST", agent, headers }, (reply) => {
			let first;
			let tail = "";
			reply.on("data", (chunk) => {
				first ??= performance.now() - began;
				const text = chunk.toString("latin1");
				if (delays) readDelays(text, delays);
				tail = (tail + text).slice(-200);
			});
			reply.on("end", () => {
				if (reply.statusCode !== 200 || !tail.includes("message_stop")) reject(new Error(`bad reply: ${tail}`));
				else resolve({ first, total: performance.now() - began });
			});
		});
		outgoing.on("error", reject);
		outgoing.end(body);
	});
}

/** The text of a paced delta is the time at which the upstream wrote it. */
function readDelays(text, delays) {
	const now = performance.timeOrigin + performance.now();
	for (const [, stamp] of text.matchAll(/"text":"(\d{12,}\.\d+) "/g)) delays.push(now - Number(stamp));
}

/** Requests per second with `clients` concurrent clients. */
export async function throughput(target, body, clients, milliseconds) {
	const end = performance.now() + milliseconds;
	let count = 0;
	const client = async () => {
		while (performance.now() < end) {
			await ask(target, body);
			count++;
		}
	};
	await Promise.all(Array.from({ length: clients }, client));
	return count / (milliseconds / 1000);
}

export function median(values) {
	return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
