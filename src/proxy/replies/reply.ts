import type { ServerResponse } from "node:http";
import { encodeSse } from "../../protocol/encode-sse.ts";
import { type ErrorBody, errorBody } from "../../protocol/errors.ts";
import type { MessageEvent } from "../../protocol/events.ts";
import { MessageCollector } from "../../protocol/message-events.ts";
import { toWrite } from "../../protocol/utf8.ts";
import { ChunkWriter } from "./chunk-writer.ts";
import type { FailureResponse } from "./failure-response.ts";

/** Where the events of an exchange go. */
export interface Reply {
	push(event: MessageEvent): void;
	/** Hands what was pushed since the last call to the socket, in one write. True, or a promise of it: it takes more. */
	flush(): true | Promise<true>;
	/** The reply is complete. */
	end(): void;
	/** The exchange failed: an HTTP error before the commit point, an `error` event after it. */
	fail(failure: FailureResponse): void;
	/** A new attempt begins: forget what the last one held back. */
	restart(): void;
	/** Stops the clocks; called once, however the exchange ended. */
	close(): void;
	/** True once content has left: from here on nothing can be retried. */
	readonly committed: boolean;
	/** True once message_stop was pushed. */
	readonly complete: boolean;
}

/** Longest silence towards Claude Code, in milliseconds. It shows a stall after 20 s and gives up after 300 s. */
export const PING_INTERVAL = 15_000;

/** A reply as `text/event-stream`. `message_start` is held until the first content, so that a retry stays invisible. */
export class StreamReply implements Reply {
	readonly #response: ServerResponse;
	readonly #writer: ChunkWriter;
	/** Not yet handed to the socket; begins with message_start, which alone is never sent. */
	#buffer = "";
	#hasContent = false;
	#committed = false;
	#complete = false;
	#pinger: NodeJS.Timeout;

	constructor(response: ServerResponse) {
		this.#response = response;
		this.#writer = new ChunkWriter(response);
		this.#pinger = setInterval(() => this.#ping(), PING_INTERVAL);
	}

	get committed(): boolean {
		return this.#committed;
	}

	get complete(): boolean {
		return this.#complete;
	}

	restart(): void {
		this.#buffer = "";
		this.#hasContent = false;
	}

	close(): void {
		clearInterval(this.#pinger);
	}

	push(event: MessageEvent): void {
		if (event.type === "message_stop") this.#complete = true;
		if (!this.#hasContent && event.type === "ping") return;
		this.#hasContent ||= event.type !== "message_start";
		this.#buffer += encodeSse(event);
	}

	flush(): true | Promise<true> {
		if (!this.#hasContent || this.#buffer === "" || this.#response.destroyed) return true;
		const text = this.#buffer;
		this.#buffer = "";
		this.#committed = true;
		this.#open();
		const flushed = this.#writer.write(text);
		this.#pinger.refresh();
		return flushed;
	}

	end(): void {
		if (this.#response.destroyed) return;
		const data = toWrite(this.#buffer);
		this.#buffer = "";
		// A reply that is complete before any of it has left needs no chunks.
		this.#open({ "content-length": Buffer.byteLength(data) });
		this.#response.end(data);
	}

	fail(failure: FailureResponse): void {
		if (this.#response.destroyed) return;
		if (!this.#response.headersSent) {
			sendJson(this.#response, failure.status, failure.body, failure.headers);
			return;
		}
		const event: MessageEvent = { type: "error", error: failure.body.error };
		this.#buffer = (this.#committed ? this.#buffer : "") + encodeSse(event);
		this.end();
	}

	#open(framing: { "content-length"?: number } = {}): void {
		if (this.#response.headersSent) return;
		this.#response.writeHead(200, {
			"content-type": "text/event-stream; charset=utf-8",
			"cache-control": "no-cache",
			...framing,
		});
	}

	/** Opens the stream if need be: silence before the first token looks like a dead server. */
	#ping(): void {
		if (this.#response.destroyed || this.#writer.isFull) return;
		this.#open();
		void this.#writer.write(encodeSse({ type: "ping" }));
	}
}

/** A reply as one Message, collected from the same events. */
export class WholeReply implements Reply {
	/** Nothing leaves before the end, so that every failure may still be retried. */
	readonly committed = false;
	readonly #response: ServerResponse;
	#collector = new MessageCollector();
	#complete = false;

	constructor(response: ServerResponse) {
		this.#response = response;
	}

	get complete(): boolean {
		return this.#complete;
	}

	restart(): void {
		this.#collector = new MessageCollector();
	}

	close(): void {}

	push(event: MessageEvent): void {
		if (event.type === "message_stop") this.#complete = true;
		this.#collector.push(event);
	}

	flush(): true {
		return true;
	}

	end(): void {
		const { message } = this.#collector;
		if (message) sendJson(this.#response, 200, message);
		else sendJson(this.#response, 500, errorBody("api_error", "the reply held no message"));
	}

	fail(failure: FailureResponse): void {
		sendJson(this.#response, failure.status, failure.body, failure.headers);
	}
}

/** Answers with JSON, unless the client has gone or an answer was begun. */
export function sendJson(
	response: ServerResponse,
	status: number,
	body: object | ErrorBody,
	headers: Record<string, string> = {},
): void {
	if (response.destroyed || response.headersSent) return;
	const text = JSON.stringify(body);
	response.writeHead(status, {
		...headers,
		"content-type": "application/json",
		"content-length": Buffer.byteLength(text),
	});
	response.end(text);
}
