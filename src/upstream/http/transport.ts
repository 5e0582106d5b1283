import { Agent, type ClientRequest, type IncomingMessage, request as requestOverHttp } from "node:http";
import { addressSecrets, holdSecret } from "../../platform/secrets.ts";
import { networkFailure, UpstreamFailure } from "../failures/failure.ts";
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

/**
 * Time to connect, TLS included: with the time that a server may take to start, an address where nothing answers is reported
 * within 10 s. Everything later is limited by `IdleWatch`, not by the socket. */
const CONNECT_TIMEOUT_MS = 8000;

/** How long an idle connection is kept, unless the server names a shorter time. */
const KEEP_ALIVE_MS = 30_000;

/** A client for one protocol, directly or through one HTTP proxy. */
interface Client {
	request: typeof requestOverHttp;
	agent: Agent;
	/** Host and port of the HTTP proxy. */
	proxy?: string | undefined;
}

/**
 * Opens the connections of one cc-any proxy: keep-alive, with HTTPS_PROXY and NO_PROXY, and never through an HTTP proxy to
 * loopback. Uses Node's own client rather than undici, which costs twice as much per request and takes time to load. The
 * modules for TLS and for HTTP proxies are loaded when they are needed.
 */
export function openTransport(environment: NodeJS.ProcessEnv): Transport {
	const clients = new Map<string, Promise<Client>>();
	const clientFor = (url: URL): Promise<Client> => {
		const proxy = proxyFor(url, environment);
		const key = `${url.protocol} ${proxy ?? ""}`;
		const client = clients.get(key) ?? openClient(url.protocol === "https:", proxy);
		clients.set(key, client);
		return client;
	};
	return {
		request: async (outgoing) => {
			try {
				const url = new URL(outgoing.url);
				return await sendTo(url, await clientFor(url), outgoing);
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
	addressSecrets(proxy).forEach(holdSecret);
	const options = { keepAlive: true, timeout: KEEP_ALIVE_MS };
	const https = isSecure ? await import("node:https") : undefined;
	const request = https?.request ?? requestOverHttp;
	if (proxy !== undefined) {
		const { HttpsProxyAgent } = await import("https-proxy-agent");
		return { request, agent: new HttpsProxyAgent(proxy, options), proxy: new URL(proxy).host };
	}
	return { request, agent: https ? new https.Agent(options) : new Agent(options) };
}

/** Sends one request; resolves with the head of its reply. */
function sendTo(url: URL, { request, agent, proxy }: Client, outgoing: TransportRequest): Promise<TransportReply> {
	const { body } = outgoing;
	const headers =
		body === undefined ? outgoing.headers : { ...outgoing.headers, "content-length": Buffer.byteLength(body) };
	const sent = request(url, { agent, method: outgoing.method, headers });
	// The agent's timeout is for idle connections only.
	sent.once("socket", (socket) => socket.setTimeout(0));
	destroyOnAbort(sent, outgoing.signal);
	if (!sent.reusedSocket) limitConnectTime(sent, url);
	if (proxy !== undefined) refuseProxyReply(sent, url, proxy);
	const reply = new Promise<TransportReply>((resolve, reject) => {
		sent.on("response", (incoming) => resolve(replyOf(incoming)));
		sent.on("error", (error) => reject(networkFailure(error, proxy)));
		// Without a listener, Node closes the connection and says nothing.
		sent.on("upgrade", (incoming, socket) => {
			socket.destroy();
			reject(switchedProtocols(incoming, url));
		});
	});
	sent.end(body);
	return reply;
}

/** Status 101 answers a request that nobody made. */
function switchedProtocols(
	{ statusCode = 101, headers: { upgrade = "an unnamed one" } }: IncomingMessage,
	{ host }: URL,
) {
	const body = `${host} answers ${statusCode} and switches to another protocol: ${upgrade}`;
	return new UpstreamFailure(body, { status: statusCode, headers: {}, body, class: "wrong-address" });
}

function destroyOnAbort(sent: ClientRequest, signal: Cancellable): void {
	const onAbort = () => sent.destroy(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
	if (signal.aborted) onAbort();
	signal.addEventListener("abort", onAbort);
	sent.on("close", () => signal.removeEventListener("abort", onAbort));
}

/** The proxy's own reply is not the provider's: a 407 says nothing about the key, a 403 nothing about the account. */
function refuseProxyReply(sent: ClientRequest, { host }: URL, proxy: string): void {
	sent.once("proxyConnect", ({ statusCode, statusText }: { statusCode: number; statusText: string }) => {
		if (statusCode === 200) return;
		const text = `the HTTP proxy ${proxy} does not open a tunnel to ${host}: ${statusCode} ${statusText}`;
		// It may not have reached the provider: that can pass.
		const failureClass = statusCode >= 500 ? "network" : "proxy-refused";
		sent.destroy(new UpstreamFailure(text, { status: 0, headers: {}, body: text, class: failureClass }));
	});
}

function limitConnectTime(sent: ClientRequest, { host, protocol }: URL): void {
	const message = `ETIMEDOUT: no connection to ${host} within ${CONNECT_TIMEOUT_MS / 1000} s`;
	const timer = setTimeout(() => sent.destroy(new Error(message)), CONNECT_TIMEOUT_MS).unref();
	const stop = () => clearTimeout(timer);
	sent.once("socket", (socket) => {
		if (!socket.connecting) return stop();
		socket.once(protocol === "https:" ? "secureConnect" : "connect", stop);
	});
	sent.once("close", stop);
}

function replyOf(incoming: IncomingMessage): TransportReply {
	const headers: Record<string, string> = {};
	for (const [name, value] of Object.entries(incoming.headers)) {
		if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
	}
	return { status: incoming.statusCode ?? 0, headers, read: openBody(incoming, headers["content-encoding"]) };
}
