import { counted } from "../../platform/figures.ts";
import { collectEvents } from "../../protocol/message-events.ts";
import { contentBlocks, type MessageRequest } from "../../protocol/messages.ts";
import { Capture, type CapturedExchange } from "../record/capture.ts";
import type { ExchangeRecord } from "../record/exchange-record.ts";
import { unpackEvents } from "../record/packed-events.ts";
import type { Redactor } from "../record/redact.ts";
import { redactedJson } from "../record/redact-sequence.ts";
import { lightRecord, type SessionHead } from "../record/session-log.ts";
import type { Recorder } from "../record/taps.ts";
import { exchangeSpan, exportRequest, type Span, type SpanContent, sessionSpan } from "./encode.ts";

export interface OtlpOptions {
	/** Base URL of the collector; `/v1/traces` is appended. */
	endpoint: string;
	headers: Record<string, string>;
	/** Send prompt and reply too. */
	content: boolean;
}

const FLUSH_INTERVAL_MS = 5_000;
const REQUEST_TIMEOUT_MS = 5_000;
const MAX_BATCH_SPANS = 100;
/** Further spans are dropped, so that a collector that hangs costs no memory. */
const MAX_UNSENT_SPANS = 2_000;
/** Source: opentelemetry.io/docs/specs/otlp. */
const RETRYABLE_STATUSES = new Set([429, 502, 503, 504]);

/** Sends each exchange as a span to an OpenTelemetry collector. A failing collector never delays a reply. */
export class OtlpExporter {
	/** Collects prompt and reply; undefined without `content`. */
	readonly recorder: Recorder | undefined;
	readonly #options: OtlpOptions;
	readonly #head: SessionHead;
	readonly #redactor: Redactor;
	readonly #contents = new Map<number, SpanContent>();
	readonly #timer: NodeJS.Timeout;
	#queue: Span[] = [];
	/** Queued spans, and those of requests that have not ended. */
	#unsent = 0;
	#sending: Promise<void> = Promise.resolve();
	#lost = 0;
	#reason = "";

	constructor(options: OtlpOptions, head: SessionHead, redactor: Redactor) {
		this.#options = options;
		this.#head = head;
		this.#redactor = redactor;
		this.#timer = setInterval(() => this.#flush(), FLUSH_INTERVAL_MS).unref();
		if (options.content) this.recorder = this.#contentRecorder();
	}

	append(record: ExchangeRecord): void {
		const content = this.#contents.get(record.number);
		this.#contents.delete(record.number);
		// A divergence may quote the conversation, which is content too.
		const sent = this.#options.content ? record : lightRecord(record);
		this.#enqueue(exchangeSpan(sent, this.#head.session, content));
	}

	/** Sends the remaining spans and the session. Returns what could not be delivered; undefined when everything was. */
	async close(): Promise<Error | undefined> {
		clearInterval(this.#timer);
		this.#enqueue(sessionSpan(this.#head, Date.now()));
		this.#flush();
		await this.#sending;
		if (this.#lost === 0) return undefined;
		return new Error(`${counted(this.#lost, "span")} did not reach ${this.#options.endpoint}: ${this.#reason}`);
	}

	#enqueue(span: Span): void {
		if (this.#unsent >= MAX_UNSENT_SPANS) {
			this.#lose(1, "the queue was full");
			return;
		}
		this.#unsent++;
		this.#queue.push(span);
		if (this.#queue.length >= MAX_BATCH_SPANS) this.#flush();
	}

	#flush(): void {
		const spans = this.#queue.splice(0);
		if (spans.length === 0) return;
		this.#sending = this.#sending
			.then(() => this.#send(spans))
			.finally(() => {
				this.#unsent -= spans.length;
			});
	}

	async #send(spans: readonly Span[]): Promise<void> {
		const body = redactedJson(exportRequest(spans), this.#redactor);
		for (const isLast of [false, true]) {
			const outcome = await this.#post(body);
			if (outcome === undefined) return;
			if (isLast || !outcome.mayRetry) return this.#lose(spans.length, outcome.reason);
		}
	}

	/** Undefined when the collector accepted it. */
	async #post(body: string): Promise<{ reason: string; mayRetry: boolean } | undefined> {
		try {
			const response = await fetch(`${this.#options.endpoint.replace(/\/+$/, "")}/v1/traces`, {
				method: "POST",
				headers: { "content-type": "application/json", ...this.#options.headers },
				body,
				redirect: "error",
				signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
			});
			await response.arrayBuffer();
			return response.ok
				? undefined
				: { reason: `status ${response.status}`, mayRetry: RETRYABLE_STATUSES.has(response.status) };
		} catch (error) {
			return { reason: reasonOf(error), mayRetry: true };
		}
	}

	#lose(count: number, reason: string): void {
		this.#lost += count;
		this.#reason = reason;
	}

	#contentRecorder(): Recorder {
		const save = ({ record, request, attempts }: CapturedExchange): void => {
			const message = collectEvents(unpackEvents(attempts.at(-1)?.events ?? []));
			const output = message
				? [{ role: "assistant", parts: partsOf(message.content), finish_reason: message.stop_reason }]
				: [];
			const input = request.messages.map(({ role, content }) => ({ role, parts: partsOf(content) }));
			this.#contents.set(record.number, { input: JSON.stringify(input), output: JSON.stringify(output) });
		};
		return { open: (record, request, betas) => new Capture(record, request, betas, save) };
	}
}

/** The message of `fetch` itself says only that it failed. */
function reasonOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	return error.cause instanceof Error ? error.cause.message : error.message;
}

/** Content blocks as the parts of the GenAI semantic conventions. */
function partsOf(content: MessageRequest["messages"][number]["content"]): object[] {
	return contentBlocks(content).map((block) => {
		if (block.type === "text") return { type: "text", content: block.text };
		if (block.type === "thinking") return { type: "reasoning", content: block.thinking };
		if (block.type === "tool_use") {
			return { type: "tool_call", id: block.id, name: block.name, arguments: block.input };
		}
		if (block.type === "tool_result") {
			return { type: "tool_call_response", id: block.tool_use_id, response: block.content };
		}
		return { type: block.type };
	});
}
