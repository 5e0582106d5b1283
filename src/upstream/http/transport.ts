import { Agent, type ClientRequest, type IncomingMessage, request as requestOverHttp } from "node:http";
import type { SecureContext } from "node:tls";
import { networkFailure, UpstreamFailure } from "../failures/failure.ts";
import { classOfNetworkError } from "../failures/network-codes.ts";
import type { Cancellable } from "./cancellation.ts";
import type { ForwardProxy } from "./forward-proxy.ts";
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
 * Time to connect, TLS included: with the time that a server may take to start, an address without an answer is reported
 * within 10 s. Everything later is limited by `IdleWatch`, not by the socket. */
const CONNECT_TIMEOUT_MS = 8000;

/** Gateways add policies, cookies and routing data: Node's own limit is 16 kB. */
const MAX_HEADER_BYTES = 64 * 1024;

/** How long an idle connection is kept, unless the server names a shorter time. */
const KEEP_ALIVE_MS = 30_000;

/** A client for one protocol, directly or through one proxy. */
interface Client {
	request: typeof requestOverHttp;
	agent: Agent;
	/** Absent: directly. */
	through?: Through | undefined;
}

/** A proxy of the network, with its module, which is loaded only if there is such a proxy. */
interface Through {
	proxy: ForwardProxy;
	rules: typeof import("./forward-proxy.ts");
}

/**
 * Opens the connections of one cc-any proxy: keep-alive, through the proxy that the variables name, and never through one
 * to loopback. Uses Node's own client rather than undici, which costs twice as much per request and takes time to load. The
 * modules for TLS, for proxies and for more certificates are loaded when they are needed.
 */
export function openTransport(environment: NodeJS.ProcessEnv): Transport {
	const clients = new Map<string, Promise<Client>>();
	let trust: Promise<SecureContext> | undefined;
	const clientFor = (url: URL): Promise<Client> => {
		const proxy = proxyFor(url, environment);
		const key = `${url.protocol} ${proxy?.href ?? ""}`;
		const client = clients.get(key) ?? openClient(url.protocol === "https:", proxy);
		clients.set(key, client);
		return client;
	};
	const sendOnce = async (outgoing: TransportRequest): Promise<TransportReply> => {
		const url = new URL(outgoing.url);
		return sendTo(url, await clientFor(url), outgoing, await trust);
	};
	return {
		async request(outgoing) {
			const trusted = trust;
			try {
				return await sendOnce(outgoing);
			} catch (error) {
				const failure = networkFailure(error);
				if (trusted || !isUntrusted(failure.message)) throw failure;
			}
			// Nothing was sent: the connection failed before.
			trust ??= import("./certificates.ts").then(({ trustSystem }) => trustSystem(environment));
			return sendOnce(outgoing).catch((error) => Promise.reject(networkFailure(error)));
		},
		async close() {
			for (const client of clients.values()) (await client).agent.destroy();
		},
	};
}

function isUntrusted(text: string): boolean {
	return classOfNetworkError(text) === "untrusted-certificate";
}

async function openClient(isSecure: boolean, proxyUrl: URL | undefined): Promise<Client> {
	const https = isSecure ? await import("node:https") : undefined;
	const request = https?.request ?? requestOverHttp;
	if (proxyUrl) {
		const rules = await import("./forward-proxy.ts");
		const proxy = await rules.openForwardProxy(proxyUrl, isSecure, KEEP_ALIVE_MS);
		return { request, agent: proxy.agent, through: { proxy, rules } };
	}
	const options = { keepAlive: true, timeout: KEEP_ALIVE_MS };
	return { request, agent: https ? new https.Agent(options) : new Agent(options) };
}

/** Sends one request; resolves with the head of its reply. */
function sendTo(
	url: URL,
	{ request, agent, through }: Client,
	{ method, body, signal, headers: given }: TransportRequest,
	secureContext: SecureContext | undefined,
): Promise<TransportReply> {
	const headers = body === undefined ? given : { ...given, "content-length": Buffer.byteLength(body) };
	const tls = secureContext && { secureContext };
	const sent = request(url, { agent, method, headers, maxHeaderSize: MAX_HEADER_BYTES, ...tls });
	// The agent's timeout is for idle connections only.
	sent.once("socket", (socket) => socket.setTimeout(0));
	destroyOnAbort(sent, signal);
	if (!sent.reusedSocket) limitConnectTime(sent, url);
	const { proxy, rules } = through ?? {};
	if (proxy?.mode === "tunnel") rules?.refuseTunnelReply(sent, url, proxy);
	const reply = new Promise<TransportReply>((resolve, reject) => {
		sent.on("response", (incoming) => {
			const failure = proxy?.mode === "absolute" ? rules?.ownReplyOf(incoming, url, proxy) : undefined;
			if (!failure) return resolve(replyOf(incoming));
			incoming.resume();
			reject(failure);
		});
		sent.on("error", (error) => {
			const cause = signal.aborted ? signal.reason : (rules?.withCode(error) ?? error);
			reject(networkFailure(cause, proxy?.name));
		});
		// Without a listener, Node closes the connection without an event.
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
	// Without an error: if the whole reply has arrived, Node has already given the socket back, and nobody listens for one.
	const onAbort = () => sent.destroy();
	if (signal.aborted) onAbort();
	signal.addEventListener("abort", onAbort);
	sent.on("close", () => signal.removeEventListener("abort", onAbort));
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
