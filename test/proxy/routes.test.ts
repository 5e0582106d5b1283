import { request as httpRequest } from "node:http";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ProxyServer, startProxy } from "../../src/proxy/server.ts";
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
	test("HEAD / needs no token: Claude Code 2.1.197 sends none", async () => {
		expect((await fetch(proxy.url, { method: "HEAD" })).status).toBe(200);
	});

	test("models, and one by id", async () => {
		const list = (await (await get("/v1/models?limit=1000")).json()) as { data: { id: string }[] };
		expect(list.data.map(({ id }) => id)).toEqual(["test-model"]);
		expect(await (await get("/v1/models/test-model")).json()).toMatchObject({ id: "test-model", type: "model" });
		expect((await get("/v1/models/other")).status).toBe(404);
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
	])("%s is accepted", async (encoding, bytes) => {
		const response = await post("/v1/messages/count_tokens", new Uint8Array(bytes), { "content-encoding": encoding });
		expect(response.status).toBe(200);
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

	test.each([
		["[]", "must be a JSON object"],
		['{"messages":[]}', "model: must be a string"],
		['{"model":"m"}', "messages: must be an array"],
	])("%s: %s", async (text, expected) => {
		expect((await errorOf(await post("/v1/messages", text))).message).toContain(expected);
	});

	test("more than 64 MB is a 413", async () => {
		const huge = Buffer.alloc(65 * 1024 * 1024, "x");
		const response = await post("/v1/messages", new Uint8Array(gzipSync(huge)), { "content-encoding": "gzip" });
		expect(await errorOf(response)).toMatchObject({ status: 413, type: "request_too_large" });
	});
});
