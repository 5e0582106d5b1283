import type { Dialect } from "../dialects/dialect.ts";
import { bodyFrames } from "../dialects/frames.ts";
import { CODECS } from "../dialects/index.ts";
import { wireOf } from "../dialects/wire-of.ts";
import { isObject, tryParseJson } from "../platform/json.ts";
import type { MessageEvent } from "../protocol/events.ts";
import { DeltaGatherer } from "../protocol/gather-deltas.ts";
import { FormatDetector, type Frame, sseFrames } from "../protocol/sse-frames.ts";
import { type Sink, type Stage, sink } from "../protocol/stage.ts";
import { UpstreamFailure } from "../upstream/failures/failure.ts";
import { FrameJoiner } from "./join-frames.ts";

/** A JSON body is kept until it is complete, a stream is not: each token of one takes up to 500 bytes. */
const MAX_BODY_MB = 32;
const MAX_STREAM_MB = 256;

/** Longest text that is reported as an error of the provider. */
const MAX_TEXT_BYTES = 2000;
const NO_TEXT = "the reply is not text: it may be compressed without saying so";
const EVENT_FIELD = /^(?:data|event|id|retry):/m;

/**
 * Reads the bytes of a reply into events: bytes → SSE frames → join → decode → gather. A JSON body becomes frames for the same
 * decoder once it is complete. A reply in another wire format than the target's is decoded as what it is.
 */
export class ReplyReader implements Sink<Uint8Array> {
	#dialect: Dialect;
	readonly #decodeIn: (dialect: Dialect) => Stage<Frame, MessageEvent>;
	readonly #gatherer: DeltaGatherer;
	readonly #format = new FormatDetector();
	readonly #stream: Sink<Uint8Array>;
	#decoder: FrameJoiner;
	/** A frame with a sign of its wire format has come. */
	#isRecognised = false;
	/** An event has come: the reply is a stream. */
	#hasFrames = false;
	/** A JSON body or a page so far, or the beginning of a text that may be no stream. */
	readonly #body: Uint8Array[] = [];
	#bytes = 0;

	/** `decodeIn` is called for the target's dialect, and for another one if the reply turns out to be in that. */
	constructor(dialect: Dialect, decodeIn: (dialect: Dialect) => Stage<Frame, MessageEvent>, next: Sink<MessageEvent>) {
		this.#dialect = dialect;
		this.#decodeIn = decodeIn;
		this.#gatherer = new DeltaGatherer(next);
		this.#decoder = this.#decoderOf(dialect);
		const onTooLong = (maxChars: number) => {
			throw UpstreamFailure.tooLarge("an event of the provider's reply", `${maxChars} characters`);
		};
		this.#stream = sseFrames(onTooLong)(
			sink(
				(frame) => this.#read(frame),
				() => this.#decoder.end(),
			),
		);
	}

	/** Takes the bytes of one read. The events in them have been passed on when this returns or throws. */
	push(bytes: Uint8Array): void {
		const known = this.#format.read(bytes);
		this.#bytes += bytes.length;
		const maxMb = this.#format.format === "stream" ? MAX_STREAM_MB : MAX_BODY_MB;
		if (this.#bytes > maxMb * 2 ** 20) throw UpstreamFailure.tooLarge("the provider's reply", `${maxMb} MB`);
		if (this.#format.format === "stream") {
			if (!this.#hasFrames && this.#bytes <= MAX_TEXT_BYTES) this.#body.push(known);
			this.#flushAfter(() => this.#stream.push(known));
		} else if (this.#format.format) this.#body.push(known);
	}

	end(): void {
		if (this.#format.format === "page") throw UpstreamFailure.page(this.#text());
		// A reply without content is a stream that ended early.
		this.#flushAfter(() => (this.#format.format === "json" ? this.#readBody() : this.#endStream()));
	}

	#endStream(): void {
		const text = this.#hasFrames ? "" : this.#text().trim();
		// `upstream error: no healthy backend`, with status 200.
		const isText = !text.includes("\ufffd");
		if (text !== "" && !EVENT_FIELD.test(text)) throw UpstreamFailure.inReply(isText ? text : NO_TEXT);
		this.#stream.end();
	}

	#readBody(): void {
		const body = this.#withoutEnvelope(this.#text());
		this.#recognise(tryParseJson(bodyFrames(body)?.[0]?.data ?? body));
		for (const frame of this.#dialect.framesOf(body)) this.#read(frame);
		this.#decoder.end();
	}

	/** Some gateways put the reply into an object of their own: `{"success": true, "data": {…}}` (cline#13348). */
	#withoutEnvelope(body: string): string {
		const outer = tryParseJson(body);
		if (!isObject(outer) || wireOf(outer, this.#dialect.name) !== undefined) return body;
		const inner = ["data", "result", "response"].map((name) => outer[name]);
		const reply = inner.find((value) => wireOf(value, this.#dialect.name) !== undefined);
		return reply === undefined ? body : JSON.stringify(reply);
	}

	#text(): string {
		return Buffer.concat(this.#body).toString("utf8");
	}

	#read(frame: Frame): void {
		this.#hasFrames = true;
		if (!this.#isRecognised) this.#recognise(tryParseJson(frame.data), frame.event);
		this.#decoder.push(frame);
	}

	#recognise(value: unknown, event?: string): void {
		const wire = wireOf(value, this.#dialect.name, event);
		this.#isRecognised = wire !== undefined;
		if (wire === undefined || wire === this.#dialect.name) return;
		this.#dialect = CODECS[wire];
		this.#decoder = this.#decoderOf(this.#dialect);
	}

	#decoderOf(dialect: Dialect): FrameJoiner {
		return new FrameJoiner(this.#decodeIn(dialect), this.#gatherer, dialect.varyingFields);
	}

	/** Also after a failure: the deltas before it are part of the reply. */
	#flushAfter(read: () => void): void {
		try {
			read();
			this.#decoder.flush();
		} finally {
			this.#gatherer.flush();
		}
	}
}
