import { request as httpRequest } from "node:http";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ProxyServer, startProxy } from "../../src/proxy/server.ts";
import type { ExchangeRecord } from "../../src/trace/record/exchange-record.ts";
import { testProfile } from "../support/profile.ts";

let proxy: ProxyServer;

beforeAll(async () => {
	proxy = await startProxy({ profile: testProfile("http://127.0.0.1:9") });
});
afterAll(() => proxy.close());

const bearer = () => ({ authorization: `Bearer ${proxy.token}` });
const get = (path: string, headers: Record<string, string> = bearer()) => fetch(proxy.url + path, { headers });
const post = (path: string, body: BodyInit, headers: Record<string, string> = {}) =>
	fetch(proxy.url + path, { method: "POST", body, headers: { ...bearer(), ...headers } });

async function errorOf(response: Response) {
	const body = (await response.json()) as { type: string; error: { type: string; message: string } };
	expect(body.type).toBe("error");
	return { status: response.status, ...body.error };
}

/** fetch refuses to set Host, so this speaks plain HTTP. */
function statusWithHost(host: string): Promise<number> {
	return new Promise((resolve, reject) => {
		const request = httpRequest(`${proxy.url}/v1/models`, { headers: { ...bearer(), host } }, (response) => {
			response.resume();
			resolve(response.statusCode ?? 0);
		});
		request.on("error", reject).end();
	});
}

describe("who may ask", () => {
	test("the token of this run, as bearer or as API key", async () => {
		expect((await get("/v1/models")).status).toBe(200);
		expect((await get("/v1/models", { "x-api-key": proxy.token })).status).toBe(200);
	});

	test("a valid bearer counts beside a foreign x-api-key, which an apiKeyHelper adds", async () => {
		expect((await get("/v1/models", { ...bearer(), "x-api-key": "from-a-helper" })).status).toBe(200);
	});

	test.each([
		["no token", {}],
		["a wrong token", { authorization: "Bearer wrong" }],
		["a token of another length", { authorization: "Bearer " }],
		["a longer token", { authorization: "Bearer xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" }],
	])("%s is refused", async (_name, headers: Record<string, string>) => {
		expect(await errorOf(await get("/v1/models", headers))).toMatchObject({
			status: 401,
			type: "authentication_error",
		});
	});

	test("a web page is refused, with or without the token, and there is no CORS", async () => {
		const response = await get("/v1/models", { ...bearer(), origin: "http://evil.example" });
		expect(response.status).toBe(403);
		expect(response.headers.get("access-control-allow-origin")).toBeNull();
	});

	test("a foreign Host is refused (DNS rebinding)", async () => {
		expect(await statusWithHost("evil.example")).toBe(403);
		expect(await statusWithHost(`localhost:${proxy.port}`)).toBe(200);
	});
});

describe("routes", () => {
	test("HEAD / needs the token too: Claude Code 2.1.x sends none, and does not mind the 401", async () => {
		expect((await fetch(proxy.url, { method: "HEAD" })).status).toBe(401);
		const headers = { authorization: `Bearer ${proxy.token}` };
		expect((await fetch(proxy.url, { method: "HEAD", headers })).status).toBe(200);
	});

	test("models, and one by id", async () => {
		const list = (await (await get("/v1/models?limit=1000")).json()) as { data: { id: string }[] };
		expect(list.data.map(({ id }) => id)).toEqual(["test-model"]);
		expect(await (await get("/v1/models/test-model")).json()).toMatchObject({ id: "test-model", type: "model" });
		expect((await get("/v1/models/other")).status).toBe(404);
	});

	test("a model id that is not a valid URL part is refused", async () => {
		expect((await get("/v1/models/%E0%A4%A")).status).toBe(400);
		expect((await get("/%zz")).status).toBe(400);
	});

	test("count_tokens grows with the text", async () => {
		const count = async (text: string) => {
			const body = JSON.stringify({ model: "test-model", messages: [{ role: "user", content: text }] });
			const reply = (await (await post("/v1/messages/count_tokens?beta=true", body)).json()) as {
				input_tokens: number;
			};
			return reply.input_tokens;
		};
		expect(await count("word ".repeat(1000))).toBeGreaterThan(100 * (await count("word")));
	});

	test("anything else is a 404 in Anthropic's shape", async () => {
		expect(await errorOf(await get("/v1/elsewhere"))).toMatchObject({ status: 404, type: "not_found_error" });
	});
});

describe("request bodies", () => {
	const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hello" }] });

	test.each([
		["gzip", gzipSync(body)],
		["br", brotliCompressSync(body)],
		["deflate", deflateSync(body)],
		["identity", Buffer.from(body)],
	])("%s is accepted", async (encoding, bytes) => {
		const response = await post("/v1/messages/count_tokens", new Uint8Array(bytes), { "content-encoding": encoding });
		expect(response.status).toBe(200);
	});

	test("another encoding is refused", async () => {
		const response = await post("/v1/messages/count_tokens", body, { "content-encoding": "zstd" });
		expect(await errorOf(response)).toEqual({
			status: 415,
			type: "invalid_request_error",
			message: "content-encoding zstd is not supported",
		});
	});

	test("a damaged one is an error", async () => {
		const response = await post("/v1/messages/count_tokens", "no gzip", { "content-encoding": "gzip" });
		expect(await errorOf(response)).toMatchObject({ status: 400, type: "invalid_request_error" });
	});

	test("malformed JSON is a 400 that says where", async () => {
		const { status, message } = await errorOf(await post("/v1/messages", '{"model":"m",\n"messages":[}'));
		expect(status).toBe(400);
		expect(message).toMatch(/not valid JSON.*near line [12] column/);
	});

	test("the line and the column of malformed JSON, also where V8 names no position", async () => {
		const good = `{"model":"m",\n "messages":\n  [`;
		for (const filler of ["", '"x",'.repeat(200)]) {
			const { message } = await errorOf(await post("/v1/messages", `${good}${filler}]]`));
			expect(message).toMatch(filler ? /\(near line 3 column \d{2,}\)/ : /\(near line 3 column [4-6]\)/);
		}
	});

	test.each([
		["[]", "must be a JSON object"],
		['{"messages":[]}', "model: is required"],
		['{"model":"m"}', "messages: is required"],
	])("%s: %s", async (text, expected) => {
		expect((await errorOf(await post("/v1/messages", text))).message).toContain(expected);
	});

	test("more than 64 MB is a 413", async () => {
		const huge = Buffer.alloc(65 * 1024 * 1024, "x");
		const response = await post("/v1/messages", new Uint8Array(gzipSync(huge)), { "content-encoding": "gzip" });
		expect(await errorOf(response)).toEqual({
			status: 413,
			type: "request_too_large",
			message: "the request body is larger than 64 MB",
		});
	});
});

describe("the list of models", () => {
	const model = (id: string, display_name = id) => ({
		type: "model",
		id,
		display_name,
		created_at: "1970-01-01T00:00:00Z",
	});

	test("has those of the tiers, the other models, and those of other profiles", async () => {
		const own = testProfile("http://127.0.0.1:9");
		const more = { id: "more", title: "More of it", vision: false, thinking: "none" } as const;
		const other = { ...testProfile("http://127.0.0.1:9"), name: "other" };
		const models = { ...own.models, more };
		const server = await startProxy({ profile: { ...own, models, others: [other] } });
		try {
			const headers = { authorization: `Bearer ${server.token}` };
			const list = async (path: string) => (await fetch(server.url + path, { headers })).json();
			expect(await list("/v1/models")).toEqual({
				data: [model("test-model"), model("more", "More of it"), model("other/test-model", "test-model")],
				has_more: false,
				first_id: "test-model",
				last_id: "other/test-model",
			});
			expect(await list("/v1/models/other%2Ftest-model")).toEqual(model("other/test-model", "test-model"));
			expect(await list("/")).toEqual({ service: "cc-any" });
			expect(await list("/v1/models/none#x")).toMatchObject({
				error: { type: "not_found_error", message: "the profile test has no model none" },
			});
			expect(await list("/v2?x=1")).toMatchObject({ error: { message: "cc-any has no route GET /v2" } });
		} finally {
			await server.close();
		}
	});
});

test("a count is recorded with the session and the agent that asked", async () => {
	const records: ExchangeRecord[] = [];
	const server = await startProxy({
		profile: testProfile("http://127.0.0.1:9"),
		onExchange: (record) => records.push(record),
	});
	try {
		const headers = {
			authorization: `Bearer ${server.token}`,
			"x-claude-code-session-id": "session-1",
			"x-claude-code-agent-id": "agent-1",
		};
		const body = JSON.stringify({ model: "test-model", messages: [{ role: "user", content: "hello" }] });
		await fetch(`${server.url}/v1/messages/count_tokens`, { method: "POST", headers, body });
		expect(records).toMatchObject([{ purpose: "count", status: 200 }]);
		expect(JSON.stringify(records[0])).toContain("session-1");
		expect(JSON.stringify(records[0])).toContain("agent-1");
		expect(records[0]?.duration).toBeGreaterThanOrEqual(0);
	} finally {
		await server.close();
	}
});
