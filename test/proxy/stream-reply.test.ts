import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { text as readText } from "node:stream/consumers";
import { afterEach, expect, test, vi } from "vitest";
import { errorBody } from "../../src/protocol/errors.ts";
import type { MessageEvent } from "../../src/protocol/events.ts";
import { PING_INTERVAL_MS, StreamReply } from "../../src/proxy/replies/reply.ts";
import { reply as replyOf, text } from "../support/event-lines.ts";

const closing: (() => unknown)[] = [];
afterEach(() => {
	for (const close of closing.splice(0)) close();
	vi.useRealTimers();
});

async function listen(handle: (response: ServerResponse) => void): Promise<number> {
	const server = createServer((_request, response) => handle(response)).listen(0, "127.0.0.1");
	closing.push(() => server.close());
	await once(server, "listening");
	return (server.address() as AddressInfo).port;
}

/** The response that a client gets; `handle` writes it. */
async function get(handle: (reply: StreamReply, response: ServerResponse) => void): Promise<IncomingMessage> {
	const port = await listen((response) => {
		const reply = new StreamReply(response);
		closing.push(() => reply.close());
		handle(reply, response);
	});
	const [response] = await once(request({ port, host: "127.0.0.1" }).end(), "response");
	return response;
}

/** A client that asks and does not read. */
function connectPaused(port: number): Socket {
	const socket = connect(port, "127.0.0.1").pause();
	socket.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
	return socket;
}

/** Writes until the client is full; returns the promise to wait for. */
function fill(reply: StreamReply): Promise<true> {
	for (;;) {
		reply.push({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "x".repeat(15_000) } });
		const flushed = reply.flush();
		if (flushed !== true) return flushed;
	}
}

const EVENTS = replyOf([text("hello")]);
const START = EVENTS[0] as MessageEvent;
const overloaded = { status: 529, headers: {}, body: errorBody("overloaded_error", "busy") };
const namesIn = (body: string) => [...body.matchAll(/^event: (.*)$/gm)].map(([, name]) => name);

test("a reply that is complete before anything was written has a length, and no chunks", async () => {
	const response = await get((reply) => {
		for (const event of EVENTS) reply.push(event);
		reply.end();
	});
	const body = await readText(response);
	expect(response.headers).toMatchObject({ "content-length": String(Buffer.byteLength(body)) });
	expect(namesIn(body)).toEqual(EVENTS.map(({ type }) => type));
});

test("message_start and a ping before it are held back: a failure can still be a status", async () => {
	const response = await get((reply) => {
		for (const event of [START, { type: "ping" } as const]) reply.push(event);
		expect(reply.flush()).toBe(true);
		expect(reply.committed).toBe(false);
		reply.fail(overloaded);
	});
	expect(response.statusCode).toBe(529);
	expect(JSON.parse(await readText(response))).toEqual(overloaded.body);
});

test("after content, a failure is an error event", async () => {
	const response = await get((reply) => {
		for (const event of EVENTS.slice(0, 3)) reply.push(event);
		reply.flush();
		expect(reply.committed).toBe(true);
		reply.fail(overloaded);
	});
	expect(response.statusCode).toBe(200);
	expect(namesIn(await readText(response)).at(-1)).toBe("error");
});

test("a new attempt drops what the last one held back", async () => {
	const response = await get((reply) => {
		reply.push(START);
		reply.restart();
		for (const event of EVENTS) reply.push(event);
		reply.end();
	});
	expect(namesIn(await readText(response))).toEqual(EVENTS.map(({ type }) => type));
});

test("no ping hides the status of a failure before a provider has answered, for a minute", async () => {
	vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
	const response = await get((reply) => {
		vi.advanceTimersByTime(59_000);
		reply.fail(overloaded);
	});
	expect(response.statusCode).toBe(529);
	const silent = await get((reply) => {
		vi.advanceTimersByTime(60_000);
		reply.fail(overloaded);
	});
	expect(namesIn(await readText(silent))).toEqual(["ping", "error"]);
});

test("pings open the stream before the first content, and commit nothing", async () => {
	vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
	const response = await get((reply) => {
		reply.answered();
		reply.push(START);
		reply.flush();
		vi.advanceTimersByTime(PING_INTERVAL_MS - 1);
		vi.advanceTimersByTime(1);
		expect(reply.committed).toBe(false);
		reply.fail(overloaded);
	});
	// The status is sent by then; what the attempt held back is dropped.
	expect(response.statusCode).toBe(200);
	expect(namesIn(await readText(response))).toEqual(["ping", "error"]);
});

test("content postpones the next ping", async () => {
	vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
	const response = await get((reply) => {
		for (const event of EVENTS.slice(0, 3)) reply.push(event);
		vi.advanceTimersByTime(PING_INTERVAL_MS - 1);
		reply.flush();
		vi.advanceTimersByTime(PING_INTERVAL_MS - 1);
		for (const event of EVENTS.slice(3)) reply.push(event);
		reply.end();
	});
	expect(namesIn(await readText(response))).not.toContain("ping");
});

test("a client that does not read is waited for, and gets no pings meanwhile", async () => {
	vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
	let result: Promise<string> | undefined;
	const port = await listen(async (response) => {
		const reply = new StreamReply(response);
		const flushed = fill(reply);
		vi.advanceTimersByTime(3 * PING_INTERVAL_MS);
		result = readText(socket);
		expect(await flushed).toBe(true);
		reply.end();
		reply.close();
	});
	const socket = connectPaused(port);
	await expect.poll(() => result, { timeout: 5000 }).toBeDefined();
	const names = namesIn((await result) ?? "");
	expect(names.length).toBeGreaterThan(0);
	expect(names).not.toContain("ping");
});

test("a client that disconnects while it is waited for holds nothing up", async () => {
	let flushed: Promise<true> | undefined;
	const port = await listen((response) => {
		const reply = new StreamReply(response);
		closing.push(() => reply.close());
		flushed = fill(reply);
		socket.destroy();
	});
	const socket = connectPaused(port);
	await expect.poll(() => flushed, { timeout: 5000 }).toBeDefined();
	expect(await flushed).toBe(true);
});
