import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** One thing that a provider does with a request. */
export type Behaviour =
	| { status: number; body?: string; headers?: Record<string, string> }
	/** Status 200 and these pieces, each written on its own; then the connection ends, hangs or is reset. */
	| { stream: readonly string[]; after?: "end" | "hang" | "reset"; pause?: number; headers?: Record<string, string> }
	/** The connection is closed, or left silent, before any header. */
	| { before: "reset" | "hang" };

export interface ReceivedRequest {
	url: string;
	headers: IncomingMessage["headers"];
	body: string;
	/** Milliseconds since 1970. */
	at: number;
	/** Settles when the client closed the connection before the reply was over. */
	aborted: Promise<void>;
}

export interface FaultServer {
	/** `http://127.0.0.1:PORT` */
	url: string;
	requests: ReceivedRequest[];
	close(): Promise<void>;
}

/** A real HTTP server that does what the script says, request by request; the last behaviour repeats. */
export async function startFaultServer(
	script: readonly Behaviour[] | ((request: ReceivedRequest, number: number) => Behaviour),
): Promise<FaultServer> {
	const requests: ReceivedRequest[] = [];
	const server = createServer(async (request, response) => {
		const at = Date.now();
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk);
		const received: ReceivedRequest = {
			url: request.url ?? "",
			headers: request.headers,
			body: Buffer.concat(chunks).toString("utf8"),
			at,
			aborted: new Promise((resolve) => {
				response.on("close", () => {
					if (!response.writableEnded) resolve();
				});
			}),
		};
		requests.push(received);
		const number = requests.length - 1;
		const behaviour =
			typeof script === "function" ? script(received, number) : script[Math.min(number, script.length - 1)];
		if (behaviour) await behave(behaviour, response);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		requests,
		async close() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

async function behave(behaviour: Behaviour, response: ServerResponse): Promise<void> {
	if ("before" in behaviour) {
		if (behaviour.before === "reset") response.socket?.resetAndDestroy();
		return;
	}
	if ("status" in behaviour) {
		response.writeHead(behaviour.status, { "content-type": "application/json", ...behaviour.headers });
		response.end(behaviour.body ?? "");
		return;
	}
	response.writeHead(200, { "content-type": "text/event-stream", ...behaviour.headers });
	for (const piece of behaviour.stream) {
		response.write(piece);
		await delay(behaviour.pause ?? 0);
	}
	if (behaviour.after === "reset") response.socket?.resetAndDestroy();
	else if (behaviour.after !== "hang") response.end();
}

/** Chat Completions chunks as SSE text. */
export function chatStream(...deltas: object[]): string[] {
	return [...deltas.map((delta) => chatChunk(delta)), chatChunk({}, "stop"), "data: [DONE]\n\n"];
}

export function chatChunk(delta: object, finish_reason: string | null = null): string {
	return `data: ${JSON.stringify({ id: "c1", choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
}
