import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Line, LineOptions } from "./request-handler.ts";

export interface ProxyOptions extends LineOptions {
	/** Preferred port; any free one when absent or taken. */
	port?: number | undefined;
}

/** A running proxy on loopback. */
export interface ProxyServer {
	/** `http://127.0.0.1:PORT` */
	url: string;
	port: number;
	/** Random for this run. */
	token: string;
	/** Loads what answers requests; the first one does it too. Call it when nothing more urgent is to be done. */
	prepare(): Promise<void>;
	/** Stops listening, aborts what is in flight, and closes the upstream connections. */
	close(): Promise<void>;
}

const HOST = "127.0.0.1";

/** Starts the proxy; resolves once it accepts requests. */
export async function startProxy(options: ProxyOptions): Promise<ProxyServer> {
	const token = randomBytes(32).toString("base64url");
	let loading: Promise<Line> | undefined;
	// The line is 300 kB of code: it is read while claude starts, not before.
	const line = (): Promise<Line> => {
		loading ??= import("./request-handler.ts").then(({ openLine }) => openLine(options, token));
		return loading;
	};
	const server = createServer(async (request, response) => (await line()).handle(request, response));
	// Claude Code keeps its connections; the default of 5 s makes it race with a closing socket.
	server.keepAliveTimeout = 120_000;
	server.requestTimeout = 0;
	const port = await listen(server, options.port);
	return {
		url: `http://${HOST}:${port}`,
		port,
		token,
		async prepare() {
			await line();
		},
		async close() {
			const closed = new Promise((resolve) => server.close(resolve));
			server.closeAllConnections();
			await closed;
			await (await loading)?.close();
		},
	};
}

async function listen(server: Server, preferred = 0): Promise<number> {
	const wanted = preferred === 0 ? 0 : await freePort(preferred);
	// get-port probes and closes, so another process can be quicker: then any free port will do.
	for (const candidate of [wanted, 0]) {
		const port = await tryListen(server, candidate);
		if (port !== undefined) return port;
	}
	throw new Error("no free port on 127.0.0.1");
}

/** get-port is loaded only where a port was asked for. */
async function freePort(preferred: number): Promise<number> {
	const { default: getPort } = await import("get-port");
	return getPort({ port: preferred, host: HOST });
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
