import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { errorBody } from "../anthropic/errors.ts";
import type { Profile } from "../profile/profile.ts";
import type { ExchangeRecord } from "../trace/exchange-record.ts";
import { NO_RECORDER, type Recorder } from "../trace/taps.ts";
import { openTransport } from "../upstream/transport.ts";
import { guard } from "./guard.ts";
import { RequestError } from "./read-request.ts";
import { sendJson } from "./reply.ts";
import { route } from "./routes.ts";
import { Run } from "./run.ts";

export interface ProxyOptions {
	profile: Profile;
	/** Preferred port; any free one when absent or taken. */
	port?: number | undefined;
	/** Proxy variables (HTTPS_PROXY, NO_PROXY) are read from here; default `process.env`. */
	environment?: NodeJS.ProcessEnv | undefined;
	/** Gets the record of each exchange when it has ended. */
	onExchange?: ((record: ExchangeRecord) => void) | undefined;
	/** Listens at the joints of every exchange; default: nobody. */
	recorder?: Recorder | undefined;
	/** Hears of each key that is read while the proxy runs, before it is used. */
	onSecret?: ((secret: string) => void) | undefined;
}

/** A running proxy on loopback. */
export interface ProxyServer {
	/** `http://127.0.0.1:PORT` */
	url: string;
	port: number;
	/** Random for this run. */
	token: string;
	/** Stops listening, aborts what is in flight, and closes the upstream connections. */
	close(): Promise<void>;
}

const HOST = "127.0.0.1";

/** Starts the proxy; resolves once it accepts requests. */
export async function startProxy(options: ProxyOptions): Promise<ProxyServer> {
	const token = randomBytes(32).toString("base64url");
	const run = new Run({
		profile: options.profile,
		transport: openTransport(options.environment ?? process.env),
		onExchange: options.onExchange ?? (() => {}),
		recorder: options.recorder ?? NO_RECORDER,
		onSecret: options.onSecret ?? (() => {}),
	});
	const server = createServer((request, response) => void handle(request, response, token, run));
	// Claude Code keeps its connections; the default of 5 s makes it race with a closing socket.
	server.keepAliveTimeout = 120_000;
	server.requestTimeout = 0;
	const port = await listen(server, options.port);
	return {
		url: `http://${HOST}:${port}`,
		port,
		token,
		async close() {
			const closed = new Promise((resolve) => server.close(resolve));
			server.closeAllConnections();
			await closed;
			await run.close();
		},
	};
}

async function handle(request: IncomingMessage, response: ServerResponse, token: string, run: Run): Promise<void> {
	try {
		// HEAD / is the one request that Claude Code 2.1.197 sends without its token.
		if (request.method !== "HEAD") guard(request, token);
		await route(request, response, run);
	} catch (error) {
		answerError(error, request, response);
	}
}

/** A request that went wrong is answered; it never takes the process down. */
function answerError(error: unknown, request: IncomingMessage, response: ServerResponse): void {
	if (error instanceof RequestError) {
		// An unread body would otherwise keep the connection busy.
		const headers: Record<string, string> = request.complete ? {} : { connection: "close" };
		sendJson(response, error.status, errorBody(error.type, error.message), headers);
		return;
	}
	const message = error instanceof Error ? error.message : String(error);
	sendJson(response, 500, errorBody("api_error", `cc-any failed: ${message}`));
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
