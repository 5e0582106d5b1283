import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import { addressSecrets, holdSecret } from "../../platform/secrets.ts";
import { UpstreamFailure } from "../failures/failure.ts";

/** A proxy of the network, such as a company's, between cc-any and the provider. */
export interface ForwardProxy {
	agent: Agent;
	/** `the HTTP proxy HOST:PORT`, for messages. */
	name: string;
	/**
	 * How the proxy passes a request on. `tunnel`: it sees only encrypted bytes. `absolute`: it reads the request, and a
	 * reply may be its own.
	 */
	mode: "tunnel" | "absolute" | "socks";
}

/**
 * Opens the way through a proxy. As in curl, https goes through a CONNECT tunnel, and http is requested from the proxy with
 * the whole URL, because many proxies allow CONNECT to port 443 only. Each client library is loaded when it is needed.
 */
export async function openForwardProxy(proxy: URL, isSecure: boolean, idleTimeoutMs: number): Promise<ForwardProxy> {
	addressSecrets(proxy.href).forEach(holdSecret);
	const isSocks = proxy.protocol.startsWith("socks");
	const mode = isSocks ? "socks" : isSecure ? "tunnel" : "absolute";
	const agent = await openAgent(proxy, mode);
	// SocksProxyAgent would end a reply that is silent for the timeout of its constructor.
	Object.assign(Reflect.get(agent, "options"), { timeout: idleTimeoutMs });
	return { agent, mode, name: `the ${isSocks ? "SOCKS" : "HTTP"} proxy ${proxy.host}` };
}

async function openAgent(proxy: URL, mode: ForwardProxy["mode"]): Promise<Agent> {
	const options = { keepAlive: true };
	if (mode === "socks") return new (await import("socks-proxy-agent")).SocksProxyAgent(proxy, options);
	if (mode === "tunnel") return new (await import("https-proxy-agent")).HttpsProxyAgent(proxy, options);
	return new (await import("http-proxy-agent")).HttpProxyAgent(proxy, options);
}

/** The proxy's own reply is not the provider's: a 407 says nothing about the key, a 403 nothing about the account. */
export function refuseTunnelReply(sent: ClientRequest, { host }: URL, { name }: ForwardProxy): void {
	sent.once("proxyConnect", ({ statusCode, statusText, headers }: TunnelReply) => {
		if (statusCode === 200) return;
		const words = `${statusCode} ${statusText}${reasonIn(headers)}`;
		sent.destroy(proxyFailure(`${name} does not open a tunnel to ${host}: ${words}`, statusCode));
	});
}

interface TunnelReply {
	statusCode: number;
	statusText: string;
	headers: IncomingHttpHeaders;
}

/** The failure, if the reply to a request in absolute form is the proxy's own. */
export function ownReplyOf(reply: IncomingMessage, { host }: URL, { name }: ForwardProxy): UpstreamFailure | undefined {
	const { statusCode = 0, statusMessage = "", headers } = reply;
	if (statusCode < 400) return undefined;
	const words = `${statusCode} ${statusMessage}${reasonIn(headers)}`;
	if (isOwn(statusCode, headers))
		return proxyFailure(`${name} does not pass requests to ${host}: ${words}`, statusCode);
	// Model servers send JSON. Most proxies have no other mark than their page, or an empty reply.
	if (headers["content-type"]?.includes("json") || !GATEWAY_STATUSES.has(statusCode)) return undefined;
	return proxyFailure(`${words}, without an API error: it comes from ${name}, or from ${host}`, statusCode);
}

/** Statuses with which a proxy refuses, or says that it cannot reach the server. */
const GATEWAY_STATUSES = new Set([403, 502, 503, 504, 511]);

/** `X-Squid-Error` is Squid's; `Proxy-Status` with an error is RFC 9209; only a proxy sends 407 (RFC 9110). */
function isOwn(status: number, headers: IncomingHttpHeaders): boolean {
	return status === 407 || reasonIn(headers) !== "" || headers["proxy-authenticate"] !== undefined;
}

/** What the proxy says of the reason: ` (ERR_ACCESS_DENIED)`. */
function reasonIn(headers: IncomingHttpHeaders): string {
	const squid = /^ERR_\w+/.exec(String(headers["x-squid-error"] ?? ""))?.[0];
	const reason = squid ?? /;\s*error=([\w-]+)/.exec(String(headers["proxy-status"] ?? ""))?.[1];
	return reason === undefined ? "" : ` (${reason})`;
}

function proxyFailure(text: string, status: number): UpstreamFailure {
	// With a 5xx the proxy may not have reached the provider: that can pass.
	const failureClass = status >= 500 && status !== 511 ? "network" : "proxy-refused";
	return new UpstreamFailure(text, { status: 0, headers: {}, body: text, class: failureClass });
}

/** The SOCKS client puts the code of a system error, if there is one, inside its message only. */
export function withCode(error: Error): Error {
	const code = "code" in error ? undefined : /\b(E[A-Z]{4,})\b/.exec(error.message)?.[1];
	return code === undefined ? error : Object.assign(error, { code });
}
