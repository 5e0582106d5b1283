// What the benchmark measures of one target. `most` and `least` are the project's targets, as ratios to the bare pipe of the
// same run (docs/performance.md).
import { setTimeout as delay } from "node:timers/promises";
import { ask, median, throughput } from "./load.mjs";
import { cpu, memory } from "./target.mjs";

const message = (content) => [{ role: "user", content }];
const bodyOf = (model, messages, more = {}) =>
	JSON.stringify({ model, max_tokens: 100, stream: true, messages, ...more });
const SMALL = bodyOf("small", message("hello"));
const FAST = bodyOf("fast", message("hello"));
const CHUNKED = bodyOf("chunked", message("hello"));
const PACED = bodyOf("paced", message("hello"));
const BRISK = bodyOf("brisk", message("hello"));
const FAST_DELTAS = 4000;

/** Rows of the table, in order. */
export const ROWS = {
	ready: { title: "proxy ready, ms" },
	firstByte: { title: "first byte, ms", most: 1.8 },
	delay: { title: "delay of a lone event, µs", most: 1.45 },
	deltas: { title: "deltas/s", least: 0.2 },
	deltaCpu: { title: "CPU per delta, µs", most: 8 },
	chunkedCpu: { title: "CPU per delta, each in its own HTTP chunk, µs", most: 8 },
	requestCpu: { title: "CPU per small request, ms", most: 2.5 },
	coldCpu: { title: "CPU per small request, the first 400, ms" },
	largeCpu: { title: "CPU of a 1.6 MB request, ms", most: 20 },
	newLargeCpu: { title: "CPU of a 1.6 MB request with new content, ms", most: 20 },
	conversationCpu: { title: "CPU of 1.6 MB with 100 tool results, ms" },
	millionCpu: { title: "CPU of a million tokens (4.2 MB), ms" },
	c1: { title: "requests/s, 1 client" },
	c8: { title: "requests/s, 8 clients" },
	c32: { title: "requests/s, 32 clients" },
	connections: { title: "new connections per 100 requests, 8 clients" },
	idle: { title: "RSS idle, MB", most: 1.4 },
	used: { title: "RSS after 30 requests, MB" },
	peak: { title: "RSS peak of the first round, MB" },
	longPeak: { title: "RSS peak of all rounds, MB" },
	growth: { title: "RSS growth over the second 1,000 requests, MB" },
	parallelPeak: { title: "RSS peak, 8 requests of 1.6 MB at once, MB" },
};

/** The measures of one round. All targets take each one in turn, so that other load on the machine affects them equally. */
export const ROUND = [
	async (target, add) => add("requestCpu", await cpuPer(target, SMALL, 150)),
	async (target, add) => {
		const replies = await series(40, () => ask(target, SMALL));
		add("firstByte", median(replies.map(({ first }) => first)));
	},
	async (target, add) => {
		const began = performance.now();
		add("deltaCpu", ((await cpuPer(target, FAST, 5)) * 1000) / FAST_DELTAS);
		add("deltas", (5 * FAST_DELTAS) / ((performance.now() - began) / 1000));
	},
	async (target, add) => add("chunkedCpu", ((await cpuPer(target, CHUNKED, 5)) * 1000) / FAST_DELTAS),
	async (target, add) => {
		const delays = [];
		await ask(target, PACED, { delays });
		add("delay", median(delays) * 1000);
	},
	async (target, add) => add("largeCpu", await cpuPer(target, LARGE, 4)),
	async (target, add) => add("newLargeCpu", await cpuPer(target, LARGE_VARIANTS, 4)),
	...[1, 8, 32].map(
		(clients) => async (target, add) => add(`c${clients}`, await throughput(target, SMALL, clients, 400)),
	),
];

/** Before the rounds: measures of a fresh process, then the warm-up. */
export async function warmUp(target, add, requests) {
	// The code that answers requests is loaded shortly after the proxy is ready.
	await delay(1000);
	add("idle", memory(target).now);
	await series(30, () => ask(target, SMALL));
	add("used", memory(target).now);
	add("coldCpu", await cpuPer(target, SMALL, 400));
	await series(requests, () => ask(target, SMALL));
	await series(5, () => ask(target, FAST));
	// Lone events: the code that handles them must be compiled before `delay` is measured.
	await series(requests / 150, () => ask(target, BRISK));
}

/** After the first round, which holds each kind of request once. */
export function afterFirstRound(target, add) {
	add("peak", memory(target).peak);
}

/** After the rounds: measures of what accumulates. */
export async function finish(target, add, connections, requests) {
	const before = await connections();
	for (let index = 0; index < 13; index++) await Promise.all(Array.from({ length: 8 }, () => ask(target, SMALL)));
	add("connections", ((await connections()) - before) / 1.04);
	await series(requests, () => ask(target, SMALL));
	const middle = memory(target).now;
	await series(requests, () => ask(target, SMALL));
	add("growth", memory(target).now - middle);
	add("longPeak", memory(target).peak);
	for (let index = 0; index < 5; index++) add("conversationCpu", await cpuPer(target, CONVERSATION, 4));
	await series(2, () => ask(target, MILLION_TOKENS));
	add("millionCpu", await cpuPer(target, MILLION_TOKENS, 4));
	for (let index = 0; index < 4; index++) await Promise.all(Array.from({ length: 8 }, () => ask(target, CONVERSATION)));
	add("parallelPeak", memory(target).peak);
}

/** CPU milliseconds per request. `body`: one body, or several to take in turn. */
async function cpuPer(target, body, count) {
	const bodies = [body].flat();
	let asked = 0;
	const before = cpu(target);
	await series(count, () => ask(target, bodies[asked++ % bodies.length]));
	return (cpu(target) - before) / count;
}

async function series(count, action) {
	const results = [];
	for (let index = 0; index < count; index++) results.push(await action());
	return results;
}

/** As Claude Code sends it: contents of files, with quotes, line breaks and non-ASCII characters. */
const CONVERSATION = conversation(100);
const MILLION_TOKENS = conversation(250);
function conversation(rounds) {
	const line = (number) => `${number}\tconst value = compute("text ${number}", [${number}]); // a line — with a dash\n`;
	const file = Array.from({ length: 230 }, (_, number) => line(number)).join("");
	const messages = Array.from({ length: rounds }, (_, round) => [
		{ role: "user", content: round ? [result(round - 1, `${round}\n${file}`)] : "Refactor the project." },
		{ role: "assistant", content: [{ type: "text", text: `Now \`src/${round}.ts\`.` }, call(round)] },
	]).flat();
	const tools = [{ name: "Read", input_schema: { type: "object", properties: { file_path: { type: "string" } } } }];
	return bodyOf("small", [...messages, { role: "user", content: [result(rounds - 1, file)] }], { tools });
}
function call(round) {
	return { type: "tool_use", id: `toolu_${round}`, name: "Read", input: { file_path: `src/${round}.ts` } };
}
function result(round, content) {
	return { type: "tool_result", tool_use_id: `toolu_${round}`, content };
}

/** 120 messages and 40 tools, 1.6 MB. */
const LARGE = largeBody("fox");
/** The same size with other words in each text, so that no body begins like the one before. */
const LARGE_VARIANTS = ["cat", "cow", "dog", "hen", "owl", "pig", "rat"].map(largeBody);
function largeBody(animal) {
	const text = `The quick brown ${animal} jumps over the lazy dog. `.repeat(290);
	const messages = Array.from({ length: 121 }, (_, index) => ({
		role: index % 2 ? "assistant" : "user",
		content: text,
	}));
	const properties = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`p${index}`, { type: "string" }]));
	const tools = Array.from({ length: 40 }, (_, index) => ({
		name: `tool_${index}`,
		description: text.slice(0, 800),
		input_schema: { type: "object", properties },
	}));
	return bodyOf("small", messages, { tools });
}
