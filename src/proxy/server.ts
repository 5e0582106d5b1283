import { randomBytes } from "node:crypto";
import { createServer, type Server, STATUS_CODES } from "node:http";
import { type AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { UserError } from "../platform/user-error.ts";
import { errorBody } from "../protocol/errors.ts";
import { mintId } from "../protocol/mint-id.ts";
import type { RequestHandler, RequestHandlerOptions } from "./request-handler.ts";

export interface ProxyOptions extends RequestHandlerOptions {
	/** Any free one when absent. One that is taken is a `UserError`. */
	port?: number | undefined;
	/** The token that requests need; a random one when absent. */
	token?: string | undefined;
}

/** A running proxy on loopback. */
export interface ProxyServer {
	/** `http://127.0.0.1:PORT` */
	url: string;
	port: number;
	/** The bearer token that requests need. */
	token: string;
	/** Whether anything was asked of it. */
	wasAsked(): boolean;
	/** Loads the request handler, which the first request would do otherwise. Call it when nothing is more urgent. */
	prepare(): Promise<void>;
	/** Stops listening, aborts the exchanges in flight and closes the upstream connections. */
	close(): Promise<void>;
}

const HOST = "127.0.0.1";

/** Starts the proxy; resolves once it accepts requests. */
export async function startProxy(options: ProxyOptions): Promise<ProxyServer> {
	const token = options.token ?? randomBytes(32).toString("base64url");
	let loading: Promise<RequestHandler> | undefined;
	// The handler is 300 kB of code: it is loaded while Claude Code starts, not before.
	const loadHandler = (): Promise<RequestHandler> => {
		loading ??= import("./request-handler.ts").then(({ createRequestHandler }) => createRequestHandler(options, token));
		return loading;
	};
	let wasAsked = false;
	const server = createServer(async (request, response) => {
		// Claude Code 2.1.197 looks at each start whether the address answers: `HEAD /`.
		wasAsked ||= request.method === "POST";
		return (await loadHandler()).handle(request, response);
	});
	// Claude Code keeps its connections open: with the default of 5 s its next request races with the closing socket.
	server.keepAliveTimeout = 120_000;
	server.requestTimeout = 0;
	server.on("clientError", refuseBrokenHttp);
	const port = await listen(server, options.port);
	return {
		url: `http://${HOST}:${port}`,
		port,
		token,
		wasAsked: () => wasAsked,
		async prepare() {
			await loadHandler();
		},
		async close() {
			const closed = new Promise((resolve) => server.close(resolve));
			server.closeAllConnections();
			await closed;
			await (await loading)?.close();
		},
	};
}

/** Answers bytes that are not HTTP in the form of every other error; after other replies on the connection, closes it. */
function refuseBrokenHttp(error: NodeJS.ErrnoException, socket: Duplex): void {
	if (!socket.writable || !(socket instanceof Socket) || socket.bytesWritten > 0) {
		socket.destroy();
		return;
	}
	const status = error.code === "HPE_HEADER_OVERFLOW" ? 431 : 400;
	const requestId = mintId("req_");
	const message = `the request is not valid HTTP: ${error.message}`;
	const body = JSON.stringify(errorBody("invalid_request_error", message, requestId));
	const head = [
		`HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
		"connection: close",
		"content-type: application/json",
		`content-length: ${Buffer.byteLength(body)}`,
		`request-id: ${requestId}`,
	];
	socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

async function listen(server: Server, wanted = 0): Promise<number> {
	const port = await tryListen(server, wanted);
	if (port !== undefined) return port;
	throw new UserError(`port ${wanted} of ${HOST} is taken`, {
		hint: `end what listens there, or use a free one: --port ${await freePortAfter(wanted)}`,
	});
}

/** get-port is loaded only if a port was asked for. */
async function freePortAfter(taken: number): Promise<number> {
	const { default: getPort, portNumbers } = await import("get-port");
	return getPort({ port: portNumbers(Math.min(taken + 1, 65_535), 65_535), host: HOST });
}

function tryListen(server: Server, port: number): Promise<number | undefined> {
	return new Promise((resolve, reject) => {
		const failed = (error: NodeJS.ErrnoException) => (error.code === "EADDRINUSE" ? resolve(undefined) : reject(error));
		server.once("error", failed);
		server.listen(port, HOST, () => {
			server.off("error", failed);
			resolve((server.address() as AddressInfo).port);
		});
	});
}
