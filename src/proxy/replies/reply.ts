import type { ServerResponse } from "node:http";
import { encodeSse } from "../../protocol/encode-sse.ts";
import { type ErrorBody, errorBody } from "../../protocol/errors.ts";
import type { MessageEvent } from "../../protocol/events.ts";
import { MessageCollector } from "../../protocol/message-events.ts";
import type { Message } from "../../protocol/messages.ts";
import type { FailureResponse } from "./failure-response.ts";

/** The reply to Claude Code, to which the events of an exchange are written. */
export interface Reply {
	push(event: MessageEvent): void;
	/** Writes what was pushed since the last call. `true`, or a promise of it, when the client is ready for more. */
	flush(): true | Promise<true>;
	/** The provider has answered with a status of success: a ping no longer hides a status that may follow. */
	answered(): void;
	/** Completes the reply. */
	end(): void;
	/** The exchange failed: replies with an HTTP error before the commit point, with an `error` event after it. */
	fail(failure: FailureResponse): void;
	/** A new attempt begins: drops what the last one held back. */
	restart(): void;
	/** Stops the timers; called once, however the exchange ended. */
	close(): void;
	/** Whether content has been written: from then on the request cannot be sent again. */
	readonly committed: boolean;
}

/** Longest silence towards Claude Code, which shows a stall after 20 s and gives up after 300 s. */
export const PING_INTERVAL_MS = 15_000;

/**
 * Until then nothing is written for a request that no provider has answered: a ping would send the status 200, after which
 * no other status and no Retry-After can follow. 75 s without headers are fine (measured with Claude Code 2.1.x).
 */
const MAX_SILENCE_MS = 60_000;

/** A reply as `text/event-stream`. `message_start` is held back until the first content, so that a retry stays invisible. */
export class StreamReply implements Reply {
	readonly #response: ServerResponse;
	/** Not yet written. It begins with message_start, which is never written alone. */
	#buffer = "";
	#hasContent = false;
	#committed = false;
	#isAnswered = false;
	readonly #openedAt = performance.now();
	readonly #pinger: NodeJS.Timeout;

	constructor(response: ServerResponse) {
		this.#response = response;
		this.#pinger = setInterval(() => this.#ping(), PING_INTERVAL_MS);
	}

	get committed(): boolean {
		return this.#committed;
	}

	restart(): void {
		this.#buffer = "";
		this.#hasContent = false;
	}

	close(): void {
		clearInterval(this.#pinger);
	}

	answered(): void {
		this.#isAnswered = true;
	}

	push(event: MessageEvent): void {
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
		this.#pinger.refresh();
		return this.#response.write(text) || this.#drained();
	}

	end(): void {
		if (this.#response.destroyed) return;
		const text = this.#buffer;
		this.#buffer = "";
		// Nothing has been written yet: the length is known, and the body needs no chunks.
		this.#open({ "content-length": Buffer.byteLength(text) });
		this.#response.end(text);
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

	/** Resolves when the client is ready for more, or gone. */
	#drained(): Promise<true> {
		const response = this.#response;
		return new Promise((resolve) => {
			const done = () => {
				response.off("drain", done);
				response.off("close", done);
				resolve(true);
			};
			response.on("drain", done);
			response.on("close", done);
		});
	}

	/** Also before the first content: a long silence looks like a dead server. */
	#ping(): void {
		if (!this.#isAnswered && performance.now() - this.#openedAt < MAX_SILENCE_MS) return;
		if (this.#response.destroyed || this.#response.writableNeedDrain) return;
		this.#open();
		this.#response.write(encodeSse({ type: "ping" }));
	}
}

/** A reply that is kept as one Message, collected from the same events. */
export class CollectedReply implements Reply {
	/** Nothing is written before the end, so the request can always be sent again. */
	readonly committed = false;
	#collector = new MessageCollector();

	get message(): Message | undefined {
		return this.#collector.message;
	}

	restart(): void {
		this.#collector = new MessageCollector();
	}

	close(): void {}

	answered(): void {}

	push(event: MessageEvent): void {
		this.#collector.push(event);
	}

	flush(): true {
		return true;
	}

	end(): void {}

	fail(_failure: FailureResponse): void {}
}

/** A reply as one Message in JSON. */
export class WholeReply extends CollectedReply {
	readonly #response: ServerResponse;

	constructor(response: ServerResponse) {
		super();
		this.#response = response;
	}

	override end(): void {
		if (this.message) sendJson(this.#response, 200, this.message);
		else sendJson(this.#response, 500, errorBody("api_error", "the reply contained no message"));
	}

	override fail(failure: FailureResponse): void {
		sendJson(this.#response, failure.status, failure.body, failure.headers);
	}
}

/** Responds with JSON, unless the client is gone or a response has begun. */
export function sendJson(
	response: ServerResponse,
	status: number,
	body: object | ErrorBody,
	headers: Record<string, string> = {},
): void {
	if (response.destroyed || response.headersSent) return;
	// An error repeats the id of its header, as Anthropic's do.
	const requestId = headers["request-id"] ?? response.getHeader("request-id");
	const text = JSON.stringify("error" in body ? { ...body, request_id: requestId } : body);
	response.writeHead(status, {
		...headers,
		"content-type": "application/json",
		"content-length": Buffer.byteLength(text),
	});
	response.end(text);
}
