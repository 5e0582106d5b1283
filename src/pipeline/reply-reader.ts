import type { Dialect } from "../dialects/dialect.ts";
import type { MessageEvent } from "../protocol/events.ts";
import { DeltaGatherer } from "../protocol/gather-deltas.ts";
import { type Frame, replyFormat, sseFrames } from "../protocol/sse-frames.ts";
import type { Sink, Stage } from "../protocol/stage.ts";
import { UpstreamFailure } from "../upstream/failures/failure.ts";
import { FrameJoiner } from "./join-frames.ts";

/**
 * Reads the bytes of a reply into events: bytes → SSE frames → join → decode → gather. A JSON body becomes frames for the same
 * decoder once it is complete.
 */
export class ReplyReader implements Sink<Uint8Array> {
	readonly #dialect: Dialect;
	readonly #gatherer: DeltaGatherer;
	readonly #decoder: FrameJoiner;
	readonly #stream: Sink<Uint8Array>;
	/** A JSON body or a page so far. */
	readonly #body: Uint8Array[] = [];
	#format: ReturnType<typeof replyFormat>;

	constructor(dialect: Dialect, decode: Stage<Frame, MessageEvent>, next: Sink<MessageEvent>) {
		this.#dialect = dialect;
		this.#gatherer = new DeltaGatherer(next);
		this.#decoder = new FrameJoiner(decode, this.#gatherer, dialect.varyingFields);
		this.#stream = sseFrames()(this.#decoder);
	}

	/** Takes the bytes of one read. The events in them have been passed on when this returns or throws. */
	push(bytes: Uint8Array): void {
		this.#format ??= replyFormat(bytes);
		if (this.#format === "stream") this.#flushAfter(() => this.#stream.push(bytes));
		else if (this.#format) this.#body.push(bytes);
	}

	end(): void {
		if (this.#format === "page") throw UpstreamFailure.page(this.#text());
		// A reply without content is a stream that ended early.
		this.#flushAfter(() => (this.#format === "json" ? this.#readBody() : this.#stream.end()));
	}

	#readBody(): void {
		for (const frame of this.#dialect.framesOf(this.#text())) this.#decoder.push(frame);
		this.#decoder.end();
	}

	#text(): string {
		return Buffer.concat(this.#body).toString("utf8");
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
