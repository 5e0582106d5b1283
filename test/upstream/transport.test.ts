import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { openTransport } from "../../src/upstream/http/transport.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

/** A server with this handler, and a transport. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void) {
	const server = createServer((request, response) => {
		request.resume();
		answer(request, response);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const transport = openTransport({});
	closers.push(
		() => server.close(),
		() => transport.close(),
	);
	return { server, transport, place: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function ask(answer: (response: ServerResponse) => void, signal = new AbortController().signal) {
	const { transport, place } = await serve((_request, response) => answer(response));
	return transport.request({ method: "POST", url: `http://${place}/`, headers: {}, body: "{}", signal });
}

test("events that arrive together are one read, although each has its own HTTP chunk", async () => {
	const events = Array.from({ length: 50 }, (_, index) => `data: ${index}\n\n`);
	const { read } = await ask((response) => {
		response.cork();
		for (const event of events) response.write(event);
		response.end();
	});
	const reads: string[] = [];
	expect(await read((bytes) => reads.push(String(bytes)) > 0)).toBeUndefined();
	expect(reads.join("")).toBe(events.join(""));
	expect(reads.length).toBeLessThan(5);
});

test("a promise holds the next read back, and the server with it", async () => {
	const megabyte = Buffer.alloc(1 << 20, "x");
	let written = 0;
	const { read } = await ask(async (response) => {
		for (; written < 64; written++) {
			if (!response.write(megabyte)) await new Promise((resolve) => response.once("drain", resolve));
		}
		response.end();
	});
	let size = 0;
	let held = 0;
	const failure = await read((bytes) => {
		size += bytes.length;
		if (held++ > 0) return true;
		return delay(300).then(() => {
			// What fits into the buffers of two sockets, and no more.
			expect(written).toBeLessThan(32);
			return true;
		});
	});
	expect(failure).toBeUndefined();
	expect(size).toBe(64 << 20);
});

test("false ends the reading; what take throws is thrown", async () => {
	const endless = (response: ServerResponse) => {
		const timer = setInterval(() => response.write("more\n"), 5);
		response.on("close", () => clearInterval(timer));
	};
	let reads = 0;
	expect(await (await ask(endless)).read(() => ++reads < 3)).toBeUndefined();
	expect(reads).toBe(3);
	const { read } = await ask(endless);
	await expect(
		read(() => {
			throw new Error("a stage failed");
		}),
	).rejects.toThrow("a stage failed");
});

test("a broken connection and an abort are failures", async () => {
	const { read } = await ask((response) => {
		response.write("begun");
		setTimeout(() => response.destroy(), 20);
	});
	expect((await read(() => true))?.message).toContain("ECONNRESET");
	const abort = new AbortController();
	const hanging = await ask((response) => response.write("begun"), abort.signal);
	setTimeout(() => abort.abort(new Error("called off")), 20);
	expect((await hanging.read(() => true))?.source.status).toBe(0);
	const aborted = new AbortController();
	aborted.abort(new Error("too late"));
	await expect(ask((response) => response.end(), aborted.signal)).rejects.toThrow("too late");
});

// Node gives the socket back at the end of a reply and takes its error listener off: an error for it then ends the process.
test("an abort while the last bytes are read is no uncaught error", async () => {
	const uncaught: unknown[] = [];
	const listener = (error: unknown) => uncaught.push(error);
	process.prependListener("uncaughtException", listener);
	const abort = new AbortController();
	const { read } = await ask((response) => response.end("data: 1\n\n"), abort.signal);
	await read(() => {
		abort.abort(new Error("called off"));
		return false;
	});
	await delay(20);
	process.removeListener("uncaughtException", listener);
	expect(uncaught).toEqual([]);
});

test("the connection is reused after a reply that was read, or abandoned when all of it had arrived", async () => {
	const { server, transport, place } = await serve((_request, response) => response.end("data: 1\n\ndata: 2\n\n"));
	let connections = 0;
	server.on("connection", () => connections++);
	const { signal } = new AbortController();
	const url = `http://${place}/`;
	for (const answer of [true, false, Promise.resolve(true), delay(20).then(() => false), true]) {
		const { read } = await transport.request({ method: "POST", url, headers: {}, body: "{}", signal });
		await read(() => answer);
		await delay(20);
	}
	expect(connections).toBe(1);
});

test("headers are sent once, and the host is that of the URL unless a header names another", async () => {
	const seen: string[][] = [];
	const { transport, place } = await serve((request, response) => {
		seen.push(request.rawHeaders);
		response.end();
	});
	const { signal } = new AbortController();
	for (const headers of [{ "x-one": "1" }, { host: "provider.example", "x-one": "1" }] as Record<string, string>[]) {
		await transport.request({ method: "POST", url: `http://${place}/v1/x?y=z`, headers, body: "\u00e9", signal });
	}
	const withName = { method: "POST" as const, url: `http://me:p%40ss@${place}/`, body: "\u00e9", signal };
	await transport.request({ ...withName, headers: { "x-one": "1" } });
	await transport.request({ ...withName, headers: { authorization: "Bearer key", "x-one": "1" } });
	/** Header lines in alphabetical order; names in lower case, as they are case-insensitive. */
	const lines = (raw: readonly string[]) =>
		raw
			.flatMap((name, index) => (index % 2 === 0 ? [`${name.toLowerCase()}: ${raw[index + 1]}`] : []))
			.filter((line) => !line.startsWith("connection:"))
			.sort();
	const rest = ["content-length: 2", "x-one: 1"];
	const basic = `authorization: Basic ${Buffer.from("me:p@ss").toString("base64")}`;
	expect(seen.map(lines)).toEqual([
		[`host: ${place}`, ...rest].sort(),
		["host: provider.example", ...rest].sort(),
		[`host: ${place}`, basic, ...rest].sort(),
		[`host: ${place}`, "authorization: Bearer key", ...rest].sort(),
	]);
});
