import { Agent, type ClientRequest, type IncomingMessage, request as requestOverHttp } from "node:http";
import { urlToHttpOptions } from "node:url";
import { networkFailure } from "../failures/failure.ts";
import type { Cancellable } from "./cancellation.ts";
import { proxyFor } from "./proxy-variables.ts";
import { openBody, type ReadBytes } from "./read-body.ts";

export interface TransportRequest {
	method: "GET" | "POST";
	url: string;
	/** Lower-case names. */
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

export interface Transport {
	request(request: TransportRequest): Promise<TransportReply>;
	close(): Promise<void>;
}

/** Time to get a connection, in milliseconds. Everything later is watched by the exchange, not by a socket timer. */
const CONNECT_TIMEOUT = 15_000;

/** How long an idle connection is kept, in milliseconds. Servers that name a shorter time are believed. */
const KEEP_ALIVE = 30_000;

/** A client for one kind of address: `http:` or `https:`, directly or through a proxy. */
interface Client {
	request: typeof requestOverHttp;
	agent: Agent;
}

/** What is always the same of the requests to one address. */
interface Place {
	client: Client;
	protocol: string;
	hostname: string;
	port: string;
	path: string;
	/** The headers that follow from it. */
	headers: Readonly<Record<string, string>>;
}

/** Addresses that are remembered at most: those of a profile are few, those of searches have their question in them. */
const MAX_PLACES = 100;

/**
 * Makes the connections of one proxy: keep-alive, HTTPS_PROXY and NO_PROXY obeyed, loopback never through a proxy. Node's
 * own client costs half of what undici's does per request, and nothing to load (bench/); TLS and the proxy agent are
 * loaded when an address needs them.
 */
export function openTransport(environment: NodeJS.ProcessEnv): Transport {
	const clients = new Map<string, Promise<Client>>();
	const places = new Map<string, Promise<Place>>();
	const clientFor = (url: URL): Promise<Client> => {
		const proxy = proxyFor(url, environment);
		const key = `${url.protocol} ${proxy ?? ""}`;
		const known = clients.get(key) ?? openClient(url.protocol === "https:", proxy);
		clients.set(key, known);
		return known;
	};
	const endpointKey = async (address: string): Promise<Place> => {
		const url = new URL(address);
		const { hostname, path, auth } = urlToHttpOptions(url);
		const authorization = auth ? { authorization: `Basic ${Buffer.from(auth).toString("base64")}` } : {};
		const headers = { host: url.host, ...authorization };
		const client = await clientFor(url);
		return { client, protocol: url.protocol, hostname: hostname ?? "", port: url.port, path: path ?? "/", headers };
	};
	/** Taking an address apart costs more than all else here does for a request. */
	const rememberedPlace = (address: string): Promise<Place> => {
		if (places.size >= MAX_PLACES) places.clear();
		const place = places.get(address) ?? endpointKey(address);
		places.set(address, place);
		return place;
	};
	return {
		request: async (outgoing) => {
			try {
				return await ask(await rememberedPlace(outgoing.url), outgoing);
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
function ask(place: Place, request: TransportRequest): Promise<TransportReply> {
	const body = request.body === undefined ? undefined : Buffer.from(request.body);
	const outgoing = open(place, request, body?.length);
	const head = new Promise<TransportReply>((resolve, reject) => {
		outgoing.on("response", (incoming) => resolve(replyOf(incoming)));
		outgoing.on("error", reject);
	});
	outgoing.end(body);
	return head;
}

function open(
	{ client: { request, agent }, protocol, hostname, port, path, headers: ownHeaders }: Place,
	{ method, headers, signal }: TransportRequest,
	length: number | undefined,
): ClientRequest {
	// As a list they are written as they are; an object is copied header by header first.
	const list: string[] = [];
	for (const name in ownHeaders) if (!(name in headers)) list.push(name, ownHeaders[name] ?? "");
	for (const name in headers) list.push(name, headers[name] ?? "");
	if (length !== undefined) list.push("content-length", String(length));
	// What is given here is copied twice, field by field: no more than is needed.
	const outgoing = request({ agent, protocol, hostname, port, path, method, headers: list });
	// The idle timeout is the pool's; a reply that is awaited may take its time.
	outgoing.once("socket", (socket) => socket.setTimeout(0));
	followSignal(outgoing, signal);
	if (!outgoing.reusedSocket) limitConnecting(outgoing, ownHeaders["host"] ?? hostname, protocol === "https:");
	return outgoing;
}

function followSignal(outgoing: ClientRequest, signal: Cancellable): void {
	const abort = () => outgoing.destroy(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
	if (signal.aborted) abort();
	signal.addEventListener("abort", abort);
	outgoing.on("close", () => signal.removeEventListener("abort", abort));
}

function limitConnecting(outgoing: ClientRequest, host: string, isSecure: boolean): void {
	const seconds = CONNECT_TIMEOUT / 1000;
	const giveUp = () => outgoing.destroy(new Error(`ETIMEDOUT: no connection to ${host} within ${seconds} s`));
	const timer = setTimeout(giveUp, CONNECT_TIMEOUT).unref();
	const stop = () => clearTimeout(timer);
	outgoing.once("socket", (socket) => {
		if (!socket.connecting) return stop();
		socket.once(isSecure ? "secureConnect" : "connect", stop);
	});
	outgoing.once("close", stop);
}

function replyOf(incoming: IncomingMessage): TransportReply {
	const headers = flatHeaders(incoming.headers);
	return { status: incoming.statusCode ?? 0, headers, read: openBody(incoming, headers["content-encoding"]) };
}

function flatHeaders(headers: IncomingMessage["headers"]): Record<string, string> {
	const flat: Record<string, string> = {};
	for (const name in headers) {
		const value = headers[name];
		if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(", ") : value;
	}
	return flat;
}
