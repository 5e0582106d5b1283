import { Agent, type ClientRequest, type IncomingMessage, request as requestOverHttp } from "node:http";
import type { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { Cancellable } from "./cancellation.ts";
import { UpstreamFailure } from "./failure.ts";
import { proxyFor } from "./proxy-variables.ts";
import { toUtf8 } from "./utf8.ts";

export interface TransportRequest {
	method: "GET" | "POST";
	url: string;
	headers: Record<string, string>;
	body?: string | undefined;
	signal: Cancellable;
}

export interface TransportReply {
	status: number;
	/** Lower-case names; repeated headers joined with a comma. */
	headers: Readonly<Record<string, string>>;
	read: ReadBytes;
}

/**
 * Reads a reply's decompressed bytes. `take` gets one read after the other: a promise of it holds the next one back,
 * false ends the reading. Resolves at the end, with the failure where the connection broke before it; rejects with what
 * `take` throws. A push costs a third of what an async iterator over a stream costs (docs/performance.md).
 */
export type ReadBytes = (
	take: (bytes: Uint8Array) => boolean | Promise<boolean>,
) => Promise<UpstreamFailure | undefined>;

export interface Transport {
	request(request: TransportRequest): Promise<TransportReply>;
	close(): Promise<void>;
}

/** Time to get a connection, in milliseconds. Everything later is watched by the exchange, not by a socket timer. */
const CONNECT_TIMEOUT = 15_000;

/** How long an idle connection is kept, in milliseconds. Servers that name a shorter time are believed. */
const KEEP_ALIVE = 30_000;

/**
 * A reader that has all it needs leaves before the last bytes of the HTTP framing came. They get this long, in
 * milliseconds: then the connection can be used again, instead of being torn down after every reply.
 */
const LINGER = 250;

/** A client for one kind of address: `http:` or `https:`, directly or through a proxy. */
interface Client {
	request: typeof requestOverHttp;
	agent: Agent;
}

/**
 * Makes the connections of one proxy: keep-alive, HTTPS_PROXY and NO_PROXY obeyed, loopback never through a proxy. Node's
 * own client costs half of what undici's does per request, and nothing to load (bench/); TLS and the proxy agent are
 * loaded when an address needs them.
 */
export function openTransport(environment: NodeJS.ProcessEnv): Transport {
	const clients = new Map<string, Promise<Client>>();
	const clientFor = (url: URL): Promise<Client> => {
		const proxy = proxyFor(url, environment);
		const key = `${url.protocol} ${proxy ?? ""}`;
		const known = clients.get(key) ?? openClient(url.protocol === "https:", proxy);
		clients.set(key, known);
		return known;
	};
	return {
		request: async (outgoing) => {
			try {
				const url = new URL(outgoing.url);
				const incoming = await ask(await clientFor(url), url, outgoing);
				const headers = flatHeaders(incoming.headers);
				return { status: incoming.statusCode ?? 0, headers, read: (take) => readBody(incoming, headers, take) };
			} catch (error) {
				throw networkFailure(error);
			}
		},
		async close() {
			for (const client of clients.values()) (await client).agent.destroy();
		},
	};
}

async function openClient(isSecure: boolean, proxy: string | undefined): Promise<Client> {
	const options = { keepAlive: true, timeout: KEEP_ALIVE };
	const https = isSecure ? await import("node:https") : undefined;
	const request = https?.request ?? requestOverHttp;
	if (proxy !== undefined) {
		const { HttpsProxyAgent } = await import("https-proxy-agent");
		return { request, agent: new HttpsProxyAgent(proxy, options) };
	}
	return { request, agent: https ? new https.Agent(options) : new Agent(options) };
}

/** Sends one request; resolves when the head of the reply has come. */
function ask(client: Client, url: URL, request: TransportRequest): Promise<IncomingMessage> {
	// One pass over megabytes: their length is known then, too.
	const bytes = request.body === undefined ? undefined : toUtf8(request.body);
	const outgoing = open(client, url, request, bytes?.length);
	const head = new Promise<IncomingMessage>((resolve, reject) => {
		outgoing.on("response", resolve);
		outgoing.on("error", reject);
	});
	// No listener above sees the body: a conversation of megabytes is free to go while its reply streams for minutes.
	outgoing.end(bytes);
	return head;
}

function open(
	client: Client,
	url: URL,
	{ method, headers, signal }: TransportRequest,
	length: number | undefined,
): ClientRequest {
	const framing = length === undefined ? {} : { "content-length": length };
	const outgoing = client.request(url, { agent: client.agent, method, headers: { ...headers, ...framing } });
	followSignal(outgoing, signal);
	limitConnecting(outgoing, url);
	return outgoing;
}

function followSignal(outgoing: ClientRequest, signal: Cancellable): void {
	const abort = () => outgoing.destroy(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
	if (signal.aborted) abort();
	signal.addEventListener("abort", abort);
	outgoing.on("close", () => signal.removeEventListener("abort", abort));
}

function limitConnecting(outgoing: ClientRequest, url: URL): void {
	const seconds = CONNECT_TIMEOUT / 1000;
	const giveUp = () => outgoing.destroy(new Error(`ETIMEDOUT: no connection to ${url.host} within ${seconds} s`));
	const timer = setTimeout(giveUp, CONNECT_TIMEOUT).unref();
	const stop = () => clearTimeout(timer);
	outgoing.once("socket", (socket) => {
		// The idle timeout is the pool's; a reply that is awaited may take its time.
		socket.setTimeout(0);
		if (!socket.connecting) return stop();
		socket.once(url.protocol === "https:" ? "secureConnect" : "connect", stop);
	});
	outgoing.once("close", stop);
}

function flatHeaders(headers: IncomingMessage["headers"]): Record<string, string> {
	const flat: Record<string, string> = {};
	for (const [name, value] of Object.entries(headers)) {
		if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(", ") : value;
	}
	return flat;
}

function readBody(
	body: IncomingMessage,
	headers: Record<string, string>,
	take: Parameters<ReadBytes>[0],
): Promise<UpstreamFailure | undefined> {
	const source = decompress(body, headers["content-encoding"]);
	return new Promise((resolve, reject) => {
		const fail = (error: unknown) => {
			body.destroy();
			reject(error);
		};
		const stop = () => {
			source.removeAllListeners("readable");
			if (!body.readableEnded) linger(body);
			resolve(undefined);
		};
		let isHeld = false;
		// A read is all that has come by now: a server writes each event as an HTTP chunk of its own, and each `data` event
		// would be one of them, and one write to Claude Code.
		const readOn = () => {
			while (!isHeld) {
				const bytes = source.read();
				if (bytes === null) return;
				const more = take(bytes);
				if (more === false) return stop();
				if (more !== true) hold(more);
			}
		};
		const hold = (more: Promise<boolean>) => {
			isHeld = true;
			more
				.then((goesOn) => {
					isHeld = false;
					if (goesOn) readOn();
					else stop();
				})
				.catch(fail);
		};
		source.on("readable", () => {
			try {
				readOn();
			} catch (error) {
				fail(error);
			}
		});
		source.on("end", () => resolve(undefined));
		source.on("error", (error) => resolve(networkFailure(error)));
		// A request that was aborted before its reply was read gives no further event.
		if (body.destroyed && !body.readableEnded)
			resolve(networkFailure(body.errored ?? new Error("ECONNRESET: aborted")));
	});
}

/** Reads on to the end that is near, or tears the connection down (a stop sequence, a client that is gone). */
function linger(body: IncomingMessage): void {
	const timer = setTimeout(() => body.destroy(), LINGER).unref();
	body.once("close", () => clearTimeout(timer));
	body.resume();
}

/** `accept-encoding: identity` is sent, yet some gateways compress all the same. */
function decompress(body: IncomingMessage, encoding: string | undefined): Readable {
	const decoder =
		encoding === "gzip" || encoding === "x-gzip"
			? createGunzip()
			: encoding === "br"
				? createBrotliDecompress()
				: encoding === "deflate"
					? createInflate()
					: undefined;
	if (!decoder) return body;
	body.on("error", (error) => decoder.destroy(error));
	return body.pipe(decoder);
}

function errorCode(error: unknown): string {
	return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** A network error as a failed attempt with status 0; the text names the code, as in `ECONNREFUSED`. */
function networkFailure(error: unknown): UpstreamFailure {
	if (error instanceof UpstreamFailure) return error;
	const cause = error instanceof Error ? error : new Error(String(error));
	// A name with several addresses fails with one error for each, and with no words of its own.
	const first = cause instanceof AggregateError ? String(cause.errors[0]?.message ?? "") : "";
	const text = [errorCode(cause), cause.message || first].filter(Boolean).join(": ");
	return new UpstreamFailure(text, { status: 0, headers: {}, body: text }, { cause });
}
