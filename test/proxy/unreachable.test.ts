import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { Profile } from "../../src/profile/model/profile.ts";
import { startProxy } from "../../src/proxy/server.ts";
import { chatStream } from "../support/fault-server.ts";
import { testProfile } from "../support/profile.ts";
import { ASK } from "../support/sdk-client.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

/** A port where nothing listens. */
async function freePort(): Promise<number> {
	const server = createTcpServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}

function listen(port: number) {
	const server = createServer((request, response) => {
		request.resume();
		response.writeHead(200, { "content-type": "text/event-stream" }).end(chatStream({ content: "fine" }).join(""));
	}).listen(port, "127.0.0.1");
	closers.push(() => server.close());
	return server;
}

async function setup(baseUrl: string, more: Partial<Profile> = {}) {
	const proxy = await startProxy({ profile: testProfile(baseUrl, more) });
	closers.push(() => proxy.close());
	return async (content = "Hello") => {
		const began = performance.now();
		const reply = await fetch(`${proxy.url}/v1/messages`, {
			method: "POST",
			headers: { authorization: `Bearer ${proxy.token}`, "user-agent": "claude-cli/2.1.332 (external, cli)" },
			body: JSON.stringify({ ...ASK, stream: true, messages: [{ role: "user", content }] }),
		});
		const text = await reply.text();
		const retry = reply.headers.get("x-should-retry");
		return { status: reply.status, text, retry, seconds: (performance.now() - began) / 1000 };
	};
}

test("a refused connection is reported within 10 s, and not retried by Claude Code", async () => {
	const ask = await setup(`http://127.0.0.1:${await freePort()}`);
	const { status, text, retry, seconds } = await ask();
	expect({ status, retry }).toEqual({ status: 424, retry: "false" });
	expect(text).toMatch(/ECONNREFUSED.*nothing answers at test: check the base URL/);
	expect(seconds).toBeGreaterThan(5);
	expect(seconds).toBeLessThan(20);
}, 20_000);

test("a server that is starting is waited for", async () => {
	const port = await freePort();
	const ask = await setup(`http://127.0.0.1:${port}`);
	const answer = ask();
	setTimeout(() => listen(port), 4000);
	const { status, seconds } = await answer;
	expect(status).toBe(200);
	expect(seconds).toBeLessThan(7);
}, 20_000);

test("an unknown host is reported within 10 s", async () => {
	const ask = await setup("http://no-such-host.invalid");
	const { status, text, seconds } = await ask();
	expect(status).toBe(424);
	expect(text).toMatch(/ENOTFOUND|EAI_AGAIN/);
	expect(seconds).toBeLessThan(20);
}, 20_000);

test("https to a server without TLS: the other scheme is named, at once", async () => {
	const port = await freePort();
	listen(port);
	const ask = await setup(`https://127.0.0.1:${port}`);
	const { status, text, seconds } = await ask();
	expect(status).toBe(424);
	expect(text).toContain(`did you mean http://127.0.0.1:${port}/v1 [`);
	expect(seconds).toBeLessThan(2);
});

test("with a fallback nobody waits for a server that may be starting", async () => {
	const port = await freePort();
	listen(port);
	const second = testProfile(`http://127.0.0.1:${port}`, { name: "second" });
	const ask = await setup(`http://127.0.0.1:${await freePort()}`, { fallbacks: [{ profile: second }] });
	const { status, seconds } = await ask();
	expect(status).toBe(200);
	expect(seconds).toBeLessThan(4);
}, 20_000);
