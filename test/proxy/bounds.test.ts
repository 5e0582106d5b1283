import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { createGzip, gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { startProxy } from "../../src/proxy/server.ts";
import { chatStream } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";
import { ASK } from "../support/sdk-client.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

async function listen<Listener extends Server>(server: Listener): Promise<string> {
	const sockets = new Set<{ destroy(): void }>();
	server.on("connection", (socket) => sockets.add(socket));
	closers.push(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Sends one request through cc-any, as Claude Code does. */
async function ask(baseUrl: string) {
	const proxy = await startProxy({ profile: testProfile(baseUrl) });
	closers.push(() => proxy.close());
	const began = performance.now();
	const reply = await fetch(`${proxy.url}/v1/messages`, {
		method: "POST",
		headers: { authorization: `Bearer ${proxy.token}`, "user-agent": "claude-cli/2.1.332 (external, cli)" },
		body: JSON.stringify({ ...ASK, stream: true }),
	});
	return { status: reply.status, text: await reply.text(), seconds: (performance.now() - began) / 1000 };
}

test("a gzip bomb in place of a JSON body", async () => {
	let requests = 0;
	const bomb = gzipSync(Buffer.concat([Buffer.from('{"choices":["'), Buffer.alloc(64 * 2 ** 20, 97)]));
	expect(bomb.length).toBeLessThan(100_000);
	const url = await listen(
		createServer((request, response) => {
			requests++;
			request.resume();
			response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" }).end(bomb);
		}),
	);
	const { status, text } = await ask(url);
	expect({ status, requests }).toEqual({ status: 424, requests: 1 });
	expect(text).toContain("the provider's reply is larger than 32 MB");
}, 20_000);

test.each([
	["an event without an end", "data: "],
	["a body of white space", ""],
])("a gzip bomb: %s", { timeout: 30_000 }, async (_name, start) => {
	const url = await listen(
		createServer((request, response) => {
			request.resume();
			response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" });
			const gzip = createGzip();
			gzip.pipe(response);
			gzip.write(start);
			const piece = Buffer.alloc(2 ** 20, 32);
			const write = () => gzip.writable && !response.destroyed && gzip.write(piece, () => setImmediate(write));
			write();
		}),
	);
	const { status, text } = await ask(url);
	expect(status).toBe(424);
	expect(text).toMatch(/larger than (32 MB|16777216 characters)/);
});

test("the arguments of a call that never ends", async () => {
	const call = (fields: object) =>
		`data: ${JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...fields }] } }] })}\n\n`;
	const piece = call({ function: { arguments: "x".repeat(2 ** 20) } });
	const url = await listen(
		createServer((request, response) => {
			request.resume();
			response.writeHead(200, { "content-type": "text/event-stream" });
			response.write(call({ id: "call_1", function: { name: "Write", arguments: '{"content":"' } }));
			const write = () => !response.destroyed && response.write(piece, () => setImmediate(write));
			write();
		}),
	);
	const { text } = await ask(url);
	expect(text).toContain("the input of a tool call is larger than 8388608 characters");
}, 20_000);

test("status 101 is an answer of another protocol", async () => {
	const url = await listen(
		createTcpServer((socket) => {
			socket.on("error", () => {});
			socket.once("data", () => {
				socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
			});
		}),
	);
	const { status, text, seconds } = await ask(url);
	expect(status).toBe(424);
	expect(text).toContain("switches to another protocol: websocket");
	expect(seconds).toBeLessThan(10);
}, 30_000);

test("the body of an error that hangs is not waited for", async () => {
	let requests = 0;
	const url = await listen(
		createServer((request, response) => {
			requests++;
			request.resume();
			if (requests > 1) {
				response.writeHead(200, { "content-type": "text/event-stream" }).end(chatStream({ content: "fine" }).join(""));
				return;
			}
			response.writeHead(503, { "content-type": "application/json" });
			const timer = setInterval(() => response.write(" "), 500);
			response.on("close", () => clearInterval(timer));
		}),
	);
	const { status, text, seconds } = await ask(url);
	expect({ status, requests }).toEqual({ status: 200, requests: 2 });
	expect(text).toContain("fine");
	expect(seconds).toBeLessThan(10);
}, 30_000);

test("the status of an error whose body breaks off counts", async () => {
	const url = await listen(
		createServer((request, response) => {
			request.resume();
			response.writeHead(401, { "content-type": "application/json", "content-length": 999 });
			response.write('{"error":{"message":"wrong key"', () => response.destroy());
		}),
	);
	expect((await ask(url)).status).toBe(401);
});

test("a server that takes connections and never answers the TLS handshake is reported within 10 s", async () => {
	const url = await listen(createTcpServer((socket) => void socket.on("error", () => {})));
	const { status, text, seconds } = await ask(url.replace("http:", "https:"));
	expect(status).toBe(424);
	expect(text).toMatch(/ETIMEDOUT: no connection to 127\.0\.0\.1:\d+ within 8 s/);
	expect(seconds).toBeLessThan(10);
}, 60_000);
