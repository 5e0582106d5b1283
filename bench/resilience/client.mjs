// Clients that retry as Claude Code 2.1.x does, and judge each reply.
import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

const WORK_MS = 300;
const MAX_RETRIES = 10;
/** A reply that has not ended after this time hangs: cc-any waits for 30 s at most, and no first token takes longer than 20 s. */
const HUNG_MS = 120_000;

/** Requests one after the other. A task is new for each; the poisonous client repeats its own. */
export async function runClient(name, { send, out, began, until, once, shape = () => ({}) }) {
	const agent = new Agent({ keepAlive: true });
	for (let number = 0; performance.now() < until && !(once && number > 0); number++) {
		const started = performance.now();
		const task = name === "poison" ? name : `${name} task ${number}`;
		const shaped = shape(task);
		const outcome = await ask(() => send(task, agent, shaped), { until, out });
		const now = performance.now();
		if (outcome === "answered" && shaped.fields) out.answeredWithoutField++;
		else if (outcome === "answered") out.done.push({ at: now - began, name, ms: now - started });
		else if (outcome === "cancelled") out.cancelled++;
		else if (now < until) out.givenUp++;
		await delay(WORK_MS);
	}
	agent.destroy();
}

/** 408, 409, 429, 5xx and broken replies are retried after 0.5 s · 2^n, at most 32 s, or the Retry-After. */
async function ask(send, { until, out }) {
	for (let tries = 0; performance.now() < until; tries++) {
		const { kind, status, headers } = await send();
		if (kind === "answered" || kind === "cancelled") return kind;
		out.errors++;
		if (kind === "broken") out.broken++;
		if (kind === "hung") out.hung++;
		const mayRetry = status === 0 || status === 200 || [408, 409, 429].includes(status) || status >= 500;
		const named = Number(headers["retry-after"] ?? 0);
		if (!mayRetry || headers["x-should-retry"] === "false" || tries >= MAX_RETRIES || named > 60) return "given up";
		const backoff = Math.min(32_000, 500 * 2 ** tries) * (0.75 + Math.random() * 0.5);
		await delay(Math.max(named * 1000, backoff));
	}
	return "too late";
}

/** `send(task, agent, shape)` → how the reply ended. `shape`: further fields, characters to add, a time to cancel after. */
export function sender(provider, proxy) {
	const url = new URL(proxy ? `${proxy.url}/v1/messages` : `${provider.url}/v1/chat/completions`);
	const headers = proxy ? { "x-api-key": proxy.token, "user-agent": "claude-cli/2 (external, sdk-cli)" } : {};
	const isEnded = (text) => text.includes(proxy ? "event: message_stop" : '"finish_reason":"stop"');
	return (task, agent, { fields = {}, chars = 0, cancelAfterMs } = {}) =>
		new Promise((resolve) => {
			const content = chars === 0 ? task : `${task}\n${"word ".repeat(chars / 5)}`;
			const body = { model: "mock", max_tokens: 1000, stream: true, ...fields, messages: [{ role: "user", content }] };
			const options = { method: "POST", agent, headers: { ...headers, "content-type": "application/json" } };
			const settle = (kind, status = 0, received = {}) => {
				for (const timer of timers) clearTimeout(timer);
				resolve({ kind, status, headers: received });
			};
			const sent = request(url, options, (response) => {
				const { statusCode: status, headers: received } = response;
				let text = "";
				response.on("data", (chunk) => (text += chunk)).on("error", () => settle("broken", status));
				response.on("end", () => {
					if (status !== 200 || /event: error|"type":"error"/.test(text)) return settle("failed", status, received);
					settle(isEnded(text) && text.includes(task) ? "answered" : "broken", status, received);
				});
			});
			const give = (kind) => () => {
				settle(kind);
				sent.destroy();
			};
			const timers = [setTimeout(give("hung"), HUNG_MS)];
			if (cancelAfterMs !== undefined) timers.push(setTimeout(give("cancelled"), cancelAfterMs));
			sent.on("error", () => settle(proxy ? "broken" : "failed"));
			sent.end(JSON.stringify(body));
		});
}
