import { createServer } from "node:http";
import { type AddressInfo, connect, type Server } from "node:net";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { startProxy } from "../../src/proxy/server.ts";
import { chatStream, startFaultServer } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";
import { ASK, sdkClient } from "../support/sdk-client.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

const GOOD = chatStream({ content: "fine — 好" });

async function answerThrough(baseUrl: string, environment: NodeJS.ProcessEnv = {}): Promise<string> {
	const proxy = await startProxy({ profile: testProfile(baseUrl), environment });
	closers.push(() => proxy.close());
	const { content } = await sdkClient(proxy).messages.stream(ASK).finalMessage();
	return content.map((block) => (block.type === "text" ? block.text : "")).join("");
}

function listen(server: Server, host: string): Promise<AddressInfo> {
	closers.push(() => server.close());
	return new Promise((resolve) => server.listen(0, host, () => resolve(server.address() as AddressInfo)));
}

test("a provider on an IPv6 address", async () => {
	const server = createServer((request, response) => {
		request.resume();
		response.writeHead(200, { "content-type": "text/event-stream" }).end(GOOD.join(""));
	});
	const { port } = await listen(server, "::1");
	expect(await answerThrough(`http://[::1]:${port}`)).toBe("fine — 好");
});

test.each([
	["gzip", gzipSync],
	["GZIP", gzipSync],
	["br", brotliCompressSync],
	["deflate", deflateSync],
	["deflate", deflateRawSync],
	["gzip", (text: string) => text],
	["utf-8", (text: string) => text],
] as const)(
	"a reply that names an encoding though identity was asked for, compressed or not: %s",
	async (encoding, compress) => {
		const server = createServer((request, response) => {
			request.resume();
			response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": encoding });
			response.end(compress(GOOD.join("")));
		});
		const { port } = await listen(server, "127.0.0.1");
		expect(await answerThrough(`http://127.0.0.1:${port}`)).toBe("fine — 好");
	},
);

test("a reply with 30 kB of headers", async () => {
	const server = await startFaultServer([{ stream: GOOD, headers: { "x-policy": "a".repeat(30_000) } }]);
	closers.push(() => server.close());
	expect(await answerThrough(server.url)).toBe("fine — 好");
});

test("what commands a terminal is taken out of a provider's error", async () => {
	const body = JSON.stringify({ error: { message: "\u001b[31mred\u0007" } });
	const server = await startFaultServer([{ status: 400, body }]);
	closers.push(() => server.close());
	await expect(answerThrough(server.url)).rejects.toThrow(/"message":"red\\n/);
});

test("a compressed reply that breaks off, or is empty, does not hang", async () => {
	for (const body of [gzipSync(GOOD.join("")).subarray(0, 30), Buffer.from("")]) {
		const server = createServer((request, response) => {
			request.resume();
			response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" }).end(body);
		});
		const { port } = await listen(server, "127.0.0.1");
		await expect(answerThrough(`http://127.0.0.1:${port}`)).rejects.toThrow();
	}
}, 20_000);

test("HTTP_PROXY applies to remote providers, never to loopback", async () => {
	const provider = await startFaultServer([{ stream: GOOD }]);
	closers.push(() => provider.close());
	const tunnels: string[] = [];
	const forward = createServer();
	forward.on("connect", (request, client) => {
		tunnels.push(request.url ?? "");
		const upstream = connect(Number(new URL(provider.url).port), "127.0.0.1", () => {
			client.write("HTTP/1.1 200 Connection established\r\n\r\n");
			upstream.pipe(client).pipe(upstream);
		});
	});
	forward.on("request", (request, response) => {
		tunnels.push(request.url ?? "");
		response.writeHead(200, { "content-type": "text/event-stream" }).end(GOOD.join(""));
	});
	const { port } = await listen(forward, "127.0.0.1");
	const environment = { HTTP_PROXY: `http://127.0.0.1:${port}`, HTTPS_PROXY: `http://127.0.0.1:${port}` };
	expect(await answerThrough("http://provider.example:8080", environment)).toBe("fine — 好");
	expect(await answerThrough(provider.url, environment)).toBe("fine — 好");
	expect(new Set(tunnels)).toEqual(new Set(["http://provider.example:8080/v1/chat/completions"]));
});

test("connections to the provider are reused", async () => {
	let connections = 0;
	const server = createServer((request, response) => {
		request.resume();
		request.on("end", () => response.writeHead(200, { "content-type": "text/event-stream" }).end(GOOD.join("")));
	});
	server.on("connection", () => connections++);
	const { port } = await listen(server, "127.0.0.1");
	const proxy = await startProxy({ profile: testProfile(`http://127.0.0.1:${port}`) });
	closers.push(() => proxy.close());
	for (let round = 0; round < 20; round++) await sdkClient(proxy).messages.stream(ASK).finalMessage();
	expect(connections).toBeLessThanOrEqual(2);
});

test("a connection is used again although the HTTP end of its reply comes after the last event", async () => {
	let connections = 0;
	const server = createServer((request, response) => {
		request.resume();
		response.writeHead(200, { "content-type": "text/event-stream" });
		response.write(GOOD.join(""));
		setTimeout(() => response.end(), 50);
	});
	server.on("connection", () => connections++);
	const { port } = await listen(server, "127.0.0.1");
	const proxy = await startProxy({ profile: testProfile(`http://127.0.0.1:${port}`) });
	closers.push(() => proxy.close());
	for (let round = 0; round < 5; round++) {
		await sdkClient(proxy).messages.stream(ASK).finalMessage();
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	expect(connections).toBe(1);
});

test("the connection to a server that goes on after the end of its reply is closed", async () => {
	let closed = false;
	const server = createServer((request, response) => {
		request.resume();
		response.writeHead(200, { "content-type": "text/event-stream" });
		response.write(GOOD.join(""));
		const timer = setInterval(() => response.write(": more\n\n"), 20);
		response.on("close", () => {
			closed = true;
			clearInterval(timer);
		});
	});
	const { port } = await listen(server, "127.0.0.1");
	expect(await answerThrough(`http://127.0.0.1:${port}`)).toBe("fine — 好");
	await expect.poll(() => closed, { timeout: 5000 }).toBe(true);
});

test("a proxy that refuses the tunnel causes an error with its status", async () => {
	const forward = createServer();
	forward.on("connect", (_request, client) => client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"));
	const { port } = await listen(forward, "127.0.0.1");
	const environment = { HTTPS_PROXY: `http://127.0.0.1:${port}` };
	await expect(answerThrough("https://provider.example", environment)).rejects.toThrow(/407/);
});

test("a conversation of a million tokens passes", async () => {
	const provider = await startFaultServer([{ stream: GOOD }]);
	closers.push(() => provider.close());
	const model = { id: "test-model", contextWindow: 1_500_000, vision: true, thinking: "none" as const };
	const proxy = await startProxy({ profile: testProfile(provider.url, { models: { [model.id]: model } }) });
	closers.push(() => proxy.close());
	const turn = (role: "user" | "assistant", index: number) => ({ role, content: `${index} ${"word ".repeat(2000)}` });
	const messages = Array.from({ length: 501 }, (_, index) => turn(index % 2 ? "assistant" : "user", index));
	const { content } = await sdkClient(proxy)
		.messages.stream({ ...ASK, messages })
		.finalMessage();
	expect(content).toMatchObject([{ text: "fine — 好" }]);
	expect(provider.requests[0]?.body.length).toBeGreaterThan(5_000_000);
});
