import type { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { type Dispatcher, EnvHttpProxyAgent, request } from "undici";
import { UpstreamFailure } from "./failure.ts";

export interface TransportRequest {
	method: "GET" | "POST";
	url: string;
	headers: Record<string, string>;
	body?: string | undefined;
	signal: AbortSignal;
}

export interface TransportReply {
	status: number;
	/** Lower-case names; repeated headers joined with a comma. */
	headers: Readonly<Record<string, string>>;
	/** Decompressed bytes. Reading throws `UpstreamFailure` when the connection breaks. */
	body: AsyncIterable<Uint8Array>;
}

export interface Transport {
	request(request: TransportRequest): Promise<TransportReply>;
	close(): Promise<void>;
}

/** Time to get a connection, in milliseconds. Everything later is watched by the exchange, not by a socket timer. */
const CONNECT_TIMEOUT = 15_000;

/**
 * Makes the connection pool of one proxy: keep-alive, HTTPS_PROXY and NO_PROXY obeyed, loopback never through a proxy.
 * undici costs 120 ms to load, so this module is imported at the first request: after the child was started.
 */
export async function openTransport(environment: NodeJS.ProcessEnv): Promise<Transport> {
	const dispatcher = new EnvHttpProxyAgent({
		httpProxy: environment["http_proxy"] ?? environment["HTTP_PROXY"] ?? "",
		httpsProxy: environment["https_proxy"] ?? environment["HTTPS_PROXY"] ?? "",
		noProxy: withLoopback(environment["no_proxy"] ?? environment["NO_PROXY"]),
		headersTimeout: 0,
		bodyTimeout: 0,
		connect: { timeout: CONNECT_TIMEOUT },
		keepAliveTimeout: 30_000,
	});

	const attempt = async ({ url, signal, ...rest }: TransportRequest): Promise<TransportReply> => {
		const reply = await request(url, { ...rest, body: rest.body ?? null, signal, dispatcher });
		const headers = flatHeaders(reply.headers);
		return { status: reply.statusCode, headers, body: readBody(reply.body, headers) };
	};

	return {
		request: (transportRequest) =>
			attempt(transportRequest).catch((error) => {
				throw networkFailure(error);
			}),
		close: () => dispatcher.destroy(),
	};
}

/** The user's exceptions and loopback, which never goes through a proxy. A lone `*` means everything. */
function withLoopback(noProxy: string | undefined): string {
	if (noProxy?.trim() === "*") return "*";
	return [noProxy, "127.0.0.1", "localhost", "[::1]"].filter(Boolean).join(",");
}

function flatHeaders(headers: Dispatcher.ResponseData["headers"]): Record<string, string> {
	const flat: Record<string, string> = {};
	for (const [name, value] of Object.entries(headers)) {
		if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(", ") : value;
	}
	return flat;
}

async function* readBody(body: Readable, headers: Record<string, string>): AsyncGenerator<Uint8Array> {
	try {
		yield* decompress(body, headers["content-encoding"]);
	} catch (error) {
		throw networkFailure(error);
	} finally {
		// Leaving the loop early (stop sequence, client gone) must free the connection.
		body.destroy();
	}
}

/** `accept-encoding: identity` is sent, yet some gateways compress all the same. */
function decompress(body: Readable, encoding: string | undefined): AsyncIterable<Uint8Array> {
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
	const text = [errorCode(cause), cause.message].filter(Boolean).join(": ");
	return new UpstreamFailure(text, { status: 0, headers: {}, body: text }, { cause });
}
