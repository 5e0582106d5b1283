import { rawTextOf } from "../protocol/encode-sse.ts";
import { type BlockDeltaEvent, deltaText, type MessageEvent, withDeltaText } from "../protocol/events.ts";
import { DeltaGatherer } from "../protocol/gather-deltas.ts";
import { type Frame, parseFrames, sseText } from "../protocol/sse-frames.ts";
import { type Sink, type Stage, sink } from "../protocol/stage.ts";
import { FrameForm, type Sample } from "../upstream/http/frame-form.ts";

/** Characters of a read from which on a form is worth looking for: a model that streams smoothly never gets there. */
const LONG = 2000;
/** Of such a read, what is read by itself while no form is known: some frames, a few times. */
const BEGINNING = 800;
const BEGINNINGS = 5;
/** Frames that are looked at until a form is found: a server that makes each a new one costs no more than that. */
const TRIES = 16;

/**
 * Reads a stream: sseText → parseFrames → decode → gather. Frames that differ in their texts alone pass the decoder as
 * one; the deltas that they stand for leave as they came. What a frame says is learned from what the decoder makes of
 * it, so that no dialect knows of this.
 */
export class StreamReader implements Sink<Uint8Array> {
	readonly #bytes: Sink<Uint8Array>;
	readonly #frames: Sink<string>;
	readonly #decoder: Sink<Frame>;
	readonly #gatherer: DeltaGatherer;
	#form: FrameForm | undefined;
	#tries = TRIES;
	#isLong = false;
	/** A form was found in this read: that is enough of looking. */
	#hasLearned = false;
	/** The last frame that said nothing but a text. */
	#sample: Sample | undefined;
	/** How many events the decoder has made of the frame that it reads, and the last of them. */
	#count = 0;
	#event: MessageEvent | undefined;
	/** The texts that the frame was joined from. */
	#texts: string[] | undefined;

	constructor(decode: Stage<Frame, MessageEvent>, next: Sink<MessageEvent>) {
		this.#gatherer = new DeltaGatherer(next);
		this.#decoder = decode(
			sink(
				(event) => this.#pass(event),
				() => this.#gatherer.end(),
			),
		);
		this.#frames = parseFrames()({
			push: (frame) => this.#readFrame(frame),
			end: () => this.#decoder.end(),
		});
		this.#bytes = sseText()({
			push: (text) => this.#readText(text),
			end: () => this.#frames.end(),
		});
	}

	/** One read. What it says has left when this returns, or throws. */
	push(bytes: Uint8Array): void {
		try {
			this.#bytes.push(bytes);
		} finally {
			this.#gatherer.flush();
		}
	}

	end(): void {
		this.#bytes.end();
	}

	#readText(text: string): void {
		this.#isLong = text.length > LONG;
		if (this.#isLong) this.#readLong(text);
		else this.#frames.push(text);
	}

	#readLong(text: string): void {
		this.#hasLearned = false;
		let rest = text;
		for (let count = 0; count < BEGINNINGS && !this.#form && this.#tries > 0 && rest.length > LONG; count++) {
			this.#frames.push(rest.slice(0, BEGINNING));
			rest = rest.slice(BEGINNING);
		}
		this.#readSegments(rest);
	}

	#readSegments(text: string): void {
		const segments = this.#form?.split(text);
		if (segments) this.#tries = TRIES;
		for (const segment of segments ?? [text]) {
			if (typeof segment === "string") this.#frames.push(segment);
			else {
				this.#texts = segment.texts;
				this.#decoder.push(segment.frame);
				this.#texts = undefined;
			}
		}
	}

	#readFrame(frame: Frame): void {
		this.#count = 0;
		this.#decoder.push(frame);
		if (this.#isLong && this.#tries > 0 && this.#count === 1 && this.#event) this.#learn(frame, this.#event);
	}

	/** The frame says nothing but this event. */
	#learn(frame: Frame, event: MessageEvent): void {
		const text = event.type === "content_block_delta" ? deltaText(event.delta) : undefined;
		if (!text || this.#hasLearned || rawTextOf(event) !== undefined || this.#form?.fits(frame)) return;
		this.#tries--;
		const sample = { frame, text };
		const form = this.#sample && FrameForm.of(this.#sample, sample);
		this.#hasLearned = form !== undefined;
		this.#form = form ?? this.#form;
		this.#sample = sample;
	}

	#pass(event: MessageEvent): void {
		this.#count++;
		this.#event = event;
		this.#gatherer.push(this.#texts ? inPieces(event, this.#texts) : event);
	}
}

/** The delta of a joined frame, with the pieces it was joined from; a decoder may put white space before it. */
function inPieces(event: MessageEvent, texts: readonly string[]): MessageEvent {
	const whole = event.type === "content_block_delta" ? deltaText(event.delta) : undefined;
	const joined = texts.join("");
	if (whole === undefined || !whole.endsWith(joined)) return event;
	const start = whole.slice(0, whole.length - joined.length);
	const pieces = start === "" ? texts : [`${start}${texts[0]}`, ...texts.slice(1)];
	return withDeltaText(event as BlockDeltaEvent, whole, pieces);
}
