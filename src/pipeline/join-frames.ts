import { rawTextOf } from "../protocol/encode-sse.ts";
import { type BlockDeltaEvent, deltaText, type MessageEvent, withDeltaText } from "../protocol/events.ts";
import type { Frame } from "../protocol/sse-frames.ts";
import { type Sink, type Stage, sink } from "../protocol/stage.ts";

/** What surrounds the text in the data of frames that say nothing but a text. */
interface Template {
	event: string | undefined;
	/** As frames are compared: without the fields that vary. */
	before: string;
	after: string;
	/** As one of the frames had it. */
	sample: { before: string; after: string };
}

/** Templates that are tried in one reply. Where every frame is different (it has a counter), looking for one only costs. */
const MAX_TEMPLATES = 16;

/** What a JSON string holds as it is. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes them.
const PLAIN = /^[^"\\\u0000-\u001f]+$/;

/**
 * Decodes frames. Those of one read that differ in their text only, as nearly all of a fast stream do, are joined to one
 * frame with a longer text: JSON.parse is most of what a delta costs (docs/performance.md). The decoder's delta is given
 * back the pieces it was joined from. The template is taken from a frame that gave one delta whose text is in its data.
 */
export class FrameJoiner implements Sink<Frame> {
	readonly #decoder: Sink<Frame>;
	readonly #next: Sink<MessageEvent>;
	readonly #varyingFields: RegExp | undefined;
	#template: Template | undefined;
	#templates = 0;
	/** Texts of the frames that wait for the end of the read. */
	#waiting: string[] = [];
	/** Texts of the frame that is decoded now, where it was joined. */
	#joined: readonly string[] | undefined;
	/** Events made of the frame that is decoded now. */
	#made: MessageEvent[] = [];

	/** `varyingFields`: what is left out when frames are compared. */
	constructor(decode: Stage<Frame, MessageEvent>, next: Sink<MessageEvent>, varyingFields?: RegExp) {
		this.#next = next;
		this.#varyingFields = varyingFields;
		this.#decoder = decode(
			sink(
				(event) => this.#pass(event),
				() => next.end(),
			),
		);
	}

	push(frame: Frame): void {
		const text = this.#template && textIn(frame.event, this.#comparable(frame.data), this.#template);
		if (text !== undefined) {
			this.#waiting.push(text);
			return;
		}
		this.flush();
		this.#made = [];
		this.#decoder.push(frame);
		this.#learn(frame);
	}

	/** The read is over: decodes the frames that wait. */
	flush(): void {
		if (!this.#template || this.#waiting.length === 0) return;
		const {
			event,
			sample: { before, after },
		} = this.#template;
		this.#joined = this.#waiting;
		this.#waiting = [];
		this.#decoder.push({ event, data: before + this.#joined.join("") + after });
		this.#joined = undefined;
	}

	end(): void {
		this.flush();
		this.#decoder.end();
	}

	#learn(frame: Frame): void {
		const [event] = this.#made;
		if (!event || this.#made.length > 1 || this.#templates >= MAX_TEMPLATES) return;
		const sample = templateOf(frame, event);
		if (!sample) return;
		const [before, after] = [this.#comparable(sample.before), this.#comparable(sample.after)];
		this.#template = { event: frame.event, before, after, sample };
		this.#templates++;
	}

	#comparable(data: string): string {
		return this.#varyingFields ? data.replace(this.#varyingFields, "") : data;
	}

	#pass(event: MessageEvent): void {
		this.#made.push(event);
		this.#next.push(this.#joined ? inPieces(event, this.#joined) : event);
	}
}

/** The text of a frame that fits the template; undefined if it does not fit, or if the text needs a JSON parser. */
function textIn(
	event: string | undefined,
	data: string,
	{ event: expected, before, after }: Template,
): string | undefined {
	if (event !== expected || !data.startsWith(before) || !data.endsWith(after)) return undefined;
	const text = data.slice(before.length, data.length - after.length);
	return PLAIN.test(text) ? text : undefined;
}

function templateOf({ data }: Frame, made: MessageEvent): Template["sample"] | undefined {
	const text = made.type === "content_block_delta" ? deltaText(made.delta) : undefined;
	if (!text || !PLAIN.test(text) || rawTextOf(made) !== undefined) return undefined;
	const written = `:"${text}"`;
	const start = data.indexOf(written);
	// A text that is there twice could be either.
	if (start < 0 || data.indexOf(written, start + 1) >= 0) return undefined;
	return { before: data.slice(0, start + 2), after: data.slice(start + written.length - 1) };
}

/** The delta of a joined frame with its pieces. A decoder may have put whitespace before the text. */
function inPieces(event: MessageEvent, texts: readonly string[]): MessageEvent {
	const text = event.type === "content_block_delta" ? deltaText(event.delta) : undefined;
	const joined = texts.join("");
	if (texts.length === 1 || text === undefined || !text.endsWith(joined)) return event;
	const [first = "", ...others] = texts;
	const start = text.slice(0, text.length - joined.length);
	return withDeltaText(event as BlockDeltaEvent, text, [start + first, ...others]);
}
