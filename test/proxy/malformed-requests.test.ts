import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DIALECTS, type DialectName } from "../../src/profile/model/quirks.ts";
import { type ProxyServer, startProxy } from "../../src/proxy/server.ts";
import { type FaultServer, startFaultServer } from "../support/fault-server.ts";
import { mutate, seeded } from "../support/mutate-json.ts";
import { testProfile } from "../support/profile.ts";

/** A whole answer on each wire. */
const ANSWERS: Readonly<Record<DialectName, readonly object[]>> = {
	"openai-chat": [{ choices: [{ index: 0, delta: { content: "Fine." }, finish_reason: "stop" }] }],
	"openai-responses": [
		{ type: "response.output_text.delta", output_index: 0, content_index: 0, delta: "Fine." },
		{ type: "response.completed", response: { status: "completed", output: [], usage: {} } },
	],
	gemini: [{ candidates: [{ content: { parts: [{ text: "Fine." }] }, finishReason: "STOP" }] }],
	anthropic: [
		{ type: "message_start", message: { id: "m", role: "assistant", content: [], model: "m", usage: {} } },
		{ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
		{ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Fine." } },
		{ type: "content_block_stop", index: 0 },
		{ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 1 } },
		{ type: "message_stop" },
	],
};

const FOLDER = new URL("../fixtures/requests/", import.meta.url);
const REQUESTS = readdirSync(FOLDER)
	.filter((name) => name.endsWith(".json"))
	.map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as object);

const servers = new Map<DialectName, { proxy: ProxyServer; upstream: FaultServer }>();
beforeAll(async () => {
	for (const dialect of DIALECTS) {
		const stream = ANSWERS[dialect].map((event) => `data: ${JSON.stringify(event)}\n\n`);
		const upstream = await startFaultServer([{ stream: [stream.join("")] }]);
		const endpoints = { [dialect]: { baseUrl: upstream.url } };
		const proxy = await startProxy({ profile: testProfile(upstream.url, { dialect, endpoints }) });
		servers.set(dialect, { proxy, upstream });
	}
});
afterAll(async () => {
	for (const { proxy, upstream } of servers.values()) {
		await proxy.close();
		await upstream.close();
	}
});

const proxyOf = (dialect: DialectName = "openai-chat") => servers.get(dialect)?.proxy as ProxyServer;

function post(body: string, dialect?: DialectName, path = "/v1/messages"): Promise<Response> {
	const { url, token } = proxyOf(dialect);
	return fetch(url + path, { method: "POST", body, headers: { authorization: `Bearer ${token}` } });
}

/** What is wrong with a reply; undefined when it is whole and no fault of the proxy. */
async function faultOf(response: Response): Promise<string | undefined> {
	const text = await response.text();
	if (!response.headers.get("request-id")) return `no request-id: ${text}`;
	if (response.status >= 500) return text;
	if (response.status >= 400) {
		const { type, error } = JSON.parse(text) as { type: string; error: { type: string; message: string } };
		return type === "error" && error.type === "invalid_request_error" && error.message ? undefined : text;
	}
	if (!response.headers.get("content-type")?.startsWith("text/event-stream")) {
		return (JSON.parse(text) as { type: string }).type === "message" ? undefined : text;
	}
	const types = [...text.matchAll(/^event: (\w+)$/gm)].map(([, type]) => type).filter((type) => type !== "ping");
	const count = (wanted: string) => types.filter((type) => type === wanted).length;
	const isWhole = types[0] === "message_start" && types.at(-1) === "message_stop" && types.at(-2) === "message_delta";
	return isWhole && count("content_block_start") === count("content_block_stop") ? undefined : text;
}

const PER_WIRE = 500;

test.each(DIALECTS)(
	"%s: mutated requests get a whole answer or a 400, never a 5xx",
	async (dialect) => {
		const random = seeded(DIALECTS.indexOf(dialect) + 1);
		const mutants = Array.from({ length: PER_WIRE }, () =>
			JSON.stringify(mutate(REQUESTS[Math.floor(random() * REQUESTS.length)] ?? {}, random)),
		);
		const faults: string[] = [];
		let answered = 0;
		for (let start = 0; start < mutants.length; start += 10) {
			const batch = mutants.slice(start, start + 10).map(async (mutant) => {
				const response = await post(mutant, dialect);
				if (response.ok) answered++;
				const fault = await faultOf(response);
				if (fault !== undefined) faults.push(`${fault}\n${mutant.slice(0, 3000)}`);
			});
			await Promise.all(batch);
		}
		expect(faults).toEqual([]);
		// Neither is everything refused.
		expect(answered).toBeGreaterThan(PER_WIRE / 4);
	},
	60_000,
);

const USER = { role: "user", content: "x" };
const CALL = { role: "assistant", content: [{ type: "tool_use", id: "a", name: "Bash", input: {} }] };
const result = (content: unknown) => ({ role: "user", content: [{ type: "tool_result", tool_use_id: "a", content }] });

describe("a malformed field is named", () => {
	test.each<[string, object]>([
		["tool_choice: must be an object", { tool_choice: "auto" }],
		["stop_sequences: must be an array", { stop_sequences: "x" }],
		["stop_sequences.0: must be a string", { stop_sequences: [null] }],
		["messages.0: must be an object", { messages: [null] }],
		["messages.0.content: is required", { messages: [{ role: "user" }] }],
		["messages.0.content: must be a string or an array", { messages: [{ role: "user", content: 5 }] }],
		["messages.0.content.0: must be an object", { messages: [{ role: "user", content: ["x"] }] }],
		[
			"messages.0.content.0.text: must be a string",
			{ messages: [{ role: "user", content: [{ type: "text", text: 5 }] }] },
		],
		["messages.2.content.0.content: must be a string or an array", { messages: [USER, CALL, result(null)] }],
		["messages.2.content.0.content.0: must be an object", { messages: [USER, CALL, result(["x"])] }],
		["messages.0.content.0.source: is required", { messages: [{ role: "user", content: [{ type: "image" }] }] }],
		["tools.0: must be an object", { tools: ["x"] }],
		["tools.0.input_schema: must be an object", { tools: [{ name: "A", input_schema: "x" }] }],
		["thinking: must be an object", { thinking: "on" }],
		["max_tokens: must be a number", { max_tokens: "many" }],
		["metadata: must be an object", { metadata: "x" }],
		["system.0: must be an object", { system: ["x"] }],
		["model: must be a string", { model: 5 }],
	])("%s", async (message, fields) => {
		const body = JSON.stringify({ model: "m", messages: [USER], ...fields });
		for (const path of ["/v1/messages", "/v1/messages/count_tokens"]) {
			const response = await post(body, "openai-chat", path);
			expect(response.status).toBe(400);
			const reply = await response.json();
			expect(reply).toMatchObject({ type: "error", error: { type: "invalid_request_error", message } });
			expect(reply).toHaveProperty("request_id", response.headers.get("request-id"));
		}
	});

	test("500 levels are accepted", async () => {
		const deep = `${'{"a":'.repeat(490)}1${"}".repeat(490)}`;
		const tools = `[{"name":"A","input_schema":{"type":"object","properties":${deep}}}]`;
		const response = await post(`{"model":"m","messages":[{"role":"user","content":"x"}],"tools":${tools}}`);
		expect(response.status).toBe(200);
	});

	test("deeply nested values are refused, not a stack overflow", async () => {
		const deep = `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`;
		const tools = `[{"name":"A","input_schema":${deep}}]`;
		const response = await post(`{"model":"m","messages":[{"role":"user","content":"x"}],"tools":${tools}}`);
		expect(response.status).toBe(400);
		expect(await response.text()).toContain("tools: is nested more than 500 levels deep");
	});
});

test("fields, blocks and types of a future version pass, and null is an absent field", async () => {
	const future = { type: "future_block", data: { a: [1] } };
	const messages = [USER, { role: "user", content: [future, { type: "text", text: "x", new_field: null }] }];
	const tools = [{ type: "future_20300101", name: "f", settings: {} }];
	const body = {
		model: "m",
		messages,
		tools,
		new_field: [],
		thinking: { type: "deeper" },
		system: null,
		stop_sequences: null,
	};
	for (const dialect of DIALECTS) expect(await faultOf(await post(JSON.stringify(body), dialect))).toBeUndefined();
});

/** Sends raw bytes, and returns what comes back until the connection ends. */
function exchangeBytes(bytes: string): Promise<string> {
	return new Promise((resolve, reject) => {
		let received = "";
		const socket = connect(proxyOf().port, "127.0.0.1", () => socket.write(bytes));
		socket.setEncoding("utf8");
		socket.on("data", (text) => {
			received += text;
		});
		socket.on("end", () => resolve(received));
		socket.on("error", reject);
	});
}

test("a body of 99 GB is refused by its header", async () => {
	const lines = [
		"POST /v1/messages HTTP/1.1",
		"host: 127.0.0.1",
		`authorization: Bearer ${proxyOf().token}`,
		"content-length: 99000000000",
	];
	const reply = await exchangeBytes(`${lines.join("\r\n")}\r\n\r\n`);
	expect(reply).toMatch(/^HTTP\/1.1 413 /);
	expect(reply).toMatch(/\r\nrequest-id: req_/);
	expect(reply).toContain("request_too_large");
});

test("bytes that are not HTTP get an error of the same form", async () => {
	const reply = await exchangeBytes("hello\r\n\r\n");
	expect(reply).toMatch(/^HTTP\/1.1 400 /);
	expect(reply).toMatch(/\r\nrequest-id: req_/);
	expect(reply).toContain('"type":"invalid_request_error"');
});

test("headers that are too large get their own status", async () => {
	const reply = await exchangeBytes(`GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-long: ${"x".repeat(40_000)}\r\n\r\n`);
	expect(reply).toMatch(/^HTTP\/1.1 431 /);
	expect(reply).toMatch(/\r\nrequest-id: req_/);
});

test("every reply has a request-id", async () => {
	const { url, token } = proxyOf();
	const headers = { authorization: `Bearer ${token}` };
	const ids = [
		await fetch(`${url}/v1/models`, { headers }),
		await fetch(`${url}/v1/models`),
		await fetch(`${url}/elsewhere`, { headers }),
		await fetch(url, { method: "HEAD" }),
		await post(JSON.stringify({ model: "m", messages: [USER] })),
		await post(JSON.stringify({ model: "m", messages: [USER], stream: true })),
	].map((response) => response.headers.get("request-id"));
	expect(ids).toEqual(ids.map(() => expect.stringMatching(/^req_/)));
	expect(new Set(ids).size).toBe(ids.length);
});
