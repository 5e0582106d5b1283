import { once } from "node:events";
import { createServer, type RequestListener, request, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text as readText } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { ChunkWriter } from "../../src/proxy/replies/chunk-writer.ts";

const opened: { close(): unknown }[] = [];
afterEach(() => {
	for (const server of opened.splice(0)) server.close();
});

async function listen(handle: RequestListener): Promise<number> {
	const server = createServer(handle).listen(0, "127.0.0.1");
	opened.push(server);
	await once(server, "listening");
	return (server.address() as AddressInfo).port;
}

/** What comes on a plain connection until it is closed. */
async function raw(port: number, ...requests: string[]): Promise<string> {
	const socket = connect(port, "127.0.0.1");
	socket.write(requests.join(""));
	return readText(socket);
}

const TEXTS = ["one", "", "zwei – 2 €", "three\r\n\r\n0\r\n\r\n", "x".repeat(20_000), "é".repeat(20_000), "end 😀"];

function writeTexts(response: ServerResponse): ChunkWriter {
	const writer = new ChunkWriter(response);
	for (const text of TEXTS) void writer.write(text);
	return writer;
}

test("a reader of HTTP gets every text, in the tick of the head and behind it", async () => {
	const port = await listen(async (_request, response) => {
		writeTexts(response);
		await new Promise((resolve) => setTimeout(resolve, 5));
		writeTexts(response);
		response.end("last");
	});
	const outgoing = request({ port, host: "127.0.0.1" }).end();
	const [reply] = await once(outgoing, "response");
	expect(await readText(reply)).toBe(`${TEXTS.join("")}${TEXTS.join("")}last`);
});

test("behind the head a text is a chunk, as one piece", async () => {
	const port = await listen(async (_request, response) => {
		const writer = new ChunkWriter(response);
		await writer.write("head");
		await writer.write("zwölf");
		response.end();
	});
	const reply = await raw(port, "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
	expect(reply.slice(reply.indexOf("\r\n\r\n") + 4)).toBe("4\r\nhead\r\n6\r\nzwölf\r\n0\r\n\r\n");
});

test("a client of HTTP/1.0 gets no chunks", async () => {
	const port = await listen((_request, response) => {
		writeTexts(response);
		response.end();
	});
	const reply = await raw(port, "GET / HTTP/1.0\r\n\r\n");
	expect(reply.slice(reply.indexOf("\r\n\r\n") + 4)).toBe(TEXTS.join(""));
});

test("a reply that has to wait for the one before it keeps its texts in order", async () => {
	const responses: ServerResponse[] = [];
	const port = await listen((request, response) => {
		responses.push(response);
		if (request.url !== "/2") return;
		// The second is written first: it has no socket until the first has ended.
		const [first, second] = responses as [ServerResponse, ServerResponse];
		const writer = new ChunkWriter(second);
		void writer.write("b");
		void writer.write("c");
		void new ChunkWriter(first).write("a");
		first.on("finish", () => setImmediate(() => second.end()));
		first.on("finish", () => void writer.write("d"));
		first.end();
	});
	const head = "host: x\r\n";
	const reply = await raw(
		port,
		`GET /1 HTTP/1.1\r\n${head}\r\n`,
		`GET /2 HTTP/1.1\r\n${head}connection: close\r\n\r\n`,
	);
	expect(reply.match(/(?<=1\r\n)[a-d](?=\r\n)/g)).toEqual(["a", "b", "c", "d"]);
});

test("a client that does not read: full, and taken up again when it reads", async () => {
	let result: Promise<string> | undefined;
	const port = await listen(async (_request, response) => {
		const writer = new ChunkWriter(response);
		const first = writer.write("head");
		let written = first;
		for (let count = 0; written === true || count < 2; count++) written = writer.write("x".repeat(15_000));
		expect(writer.isFull).toBe(true);
		result = readText(outgoing);
		expect(await written).toBe(true);
		expect(writer.isFull).toBe(false);
		response.end("end");
	});
	const outgoing = connect(port, "127.0.0.1").pause();
	outgoing.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
	await expect.poll(() => result, { timeout: 5000 }).toBeDefined();
	expect(await result).toContain("end\r\n0\r\n\r\n");
});

test("a client that goes away while it is waited for holds nobody up", async () => {
	let waited: true | Promise<true> | undefined;
	const port = await listen((_request, response) => {
		const writer = new ChunkWriter(response);
		waited = writer.write("head");
		while (waited === true) waited = writer.write("x".repeat(15_000));
		outgoing.destroy();
	});
	const outgoing = connect(port, "127.0.0.1").pause();
	outgoing.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
	await expect.poll(() => waited, { timeout: 5000 }).toBeDefined();
	expect(await waited).toBe(true);
});
