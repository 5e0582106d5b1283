import { type BlockDeltaEvent, type MessageEvent, singleEvents, withDeltaText } from "../../protocol/events.ts";
import type { FailureResponse } from "./failure-response.ts";
import type { Reply } from "./reply.ts";

/** Longest time that text is held back: while the rhythm of the stream is not known yet, and when it is. */
const MAX_FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 1200;
/** So many intervals between reads tell when the next one is due. */
const RHYTHM_READS = 3;
/** Reads that are closer together, or that are shorter, look smooth as they are. */
const MIN_INTERVAL_MS = 60;
const MIN_CHARS = 40;
/** A first read with so much text is spread before any rhythm is known. */
const LUMP_CHARS = 200;
/** Time between two steps: one frame of a terminal that redraws fifty times a second. */
const STEP_MS = 20;

/** Created for the first long text: its tables take 2 MB. */
let words: Intl.Segmenter | undefined;

/**
 * Spreads text that arrives in large pieces over the time until the next piece is due, word by word: the rate of the
 * stream itself, never more than 1.2 s late. A read with anything but text is written at once, with all text before it,
 * and so is everything when the client is slow.
 */
export class SmoothReply implements Reply {
	readonly #inner: Reply;
	/** Events pushed since the last flush: those of one read from the provider. */
	#arrived: MessageEvent[] = [];
	/** Steps still to be written, one every `STEP_MS`. */
	#steps: MessageEvent[][] = [];
	#timer: NodeJS.Timeout | undefined;
	/** Time between two steps of the text that arrived last. */
	#stepMs = STEP_MS;
	#lastReadAt: number | undefined;
	/** Times between the last reads, the latest one last. */
	#intervals: number[] = [];
	/** When the last step must be written. */
	#deadline = 0;

	constructor(inner: Reply) {
		this.#inner = inner;
	}

	get committed(): boolean {
		return this.#inner.committed;
	}

	push(event: MessageEvent): void {
		this.#arrived.push(event);
	}

	flush(): true | Promise<true> {
		const now = Date.now();
		const interval = this.#lastReadAt === undefined ? 0 : now - this.#lastReadAt;
		if (this.#arrived.length > 0) {
			if (this.#lastReadAt !== undefined) this.#intervals = [...this.#intervals, interval].slice(-RHYTHM_READS);
			this.#lastReadAt = now;
		}
		const spread = this.#spread();
		const steps = this.#inSteps(spread);
		const [first = this.#arrived, ...others] = steps;
		this.#release(first);
		this.#arrived = [];
		this.#steps = others;
		this.#stepMs = Math.max(STEP_MS, spread / Math.max(1, steps.length));
		this.#deadline = now + spread;
		const flushed = this.#inner.flush();
		if (flushed !== true) return flushed.then(() => this.#arm());
		return this.#arm();
	}

	answered(): void {
		this.#inner.answered();
	}

	end(): void {
		this.#releaseAll();
		this.#inner.end();
	}

	fail(failure: FailureResponse): void {
		if (this.#inner.committed) this.#releaseAll();
		this.#inner.fail(failure);
	}

	restart(): void {
		this.#stopTimer();
		this.#arrived = [];
		this.#steps = [];
		this.#lastReadAt = undefined;
		this.#intervals = [];
		this.#inner.restart();
	}

	close(): void {
		this.#stopTimer();
		this.#inner.close();
	}

	/**
	 * The time over which text is spread: until the next is due. The middle one of the last intervals is expected to come
	 * again, so a pause of the model does not slow down what follows.
	 */
	#spread(): number {
		const { length } = this.#intervals;
		const middle = this.#intervals.toSorted((a, b) => a - b)[Math.floor((length - 1) / 2)];
		if (middle === undefined) return this.#isLump() ? MAX_FIRST_DELAY_MS : 0;
		return Math.min(middle, length === 1 ? MAX_FIRST_DELAY_MS : MAX_DELAY_MS);
	}

	/** Whether so much text arrived at once that the stream will come in lumps. */
	#isLump(): boolean {
		const chars = this.#arrived.filter(isText).reduce((sum, delta) => sum + (textOf(delta)?.length ?? 0), 0);
		return chars >= LUMP_CHARS;
	}

	/** The events that arrived, in steps; none when they should be written at once. The first step has what comes before a text. */
	#inSteps(spread: number): MessageEvent[][] {
		const start = this.#arrived.findIndex(isText);
		const [before, rest] = [this.#arrived.slice(0, start), this.#arrived.slice(start)];
		const deltas = rest.filter(isText);
		if (spread < MIN_INTERVAL_MS || start < 0 || deltas.length < rest.length) return [];
		// Only the beginning of a message is a commit point of its own.
		if (!this.#inner.committed && before[0]?.type !== "message_start") return [];
		const [first, ...others] = inSteps(deltas, Math.floor(spread / STEP_MS));
		return first ? [[...before, ...first], ...others] : [];
	}

	/** Starts the timer for the next step, if there is one. */
	#arm(): true {
		this.#stopTimer();
		if (this.#steps.length > 0) this.#timer = setTimeout(() => void this.#step(), this.#stepMs);
		return true;
	}

	async #step(): Promise<void> {
		const next = this.#steps.shift();
		for (const event of next ?? []) this.#inner.push(event);
		await this.#inner.flush();
		// A timer or a client that is late would fall behind even more with further steps.
		if (Date.now() >= this.#deadline && this.#steps.length > 0) {
			this.#release([]);
			await this.#inner.flush();
		}
		this.#arm();
	}

	/** Pushes the remaining steps, and then these events. */
	#release(events: readonly MessageEvent[]): void {
		this.#stopTimer();
		for (const step of this.#steps) for (const event of step) this.#inner.push(event);
		this.#steps = [];
		for (const event of events) this.#inner.push(event);
	}

	#releaseAll(): void {
		this.#release(this.#arrived);
		this.#arrived = [];
	}

	#stopTimer(): void {
		if (!this.#timer) return;
		clearTimeout(this.#timer);
		this.#timer = undefined;
	}
}

/**
 * Deltas in at most `count` steps of about equal length; no steps when they are short. A delta that is longer than a step
 * is cut between words, never inside a character that is made of several code points.
 */
export function inSteps(deltas: readonly BlockDeltaEvent[], count: number): BlockDeltaEvent[][] {
	const length = deltas.reduce((sum, delta) => sum + (textOf(delta)?.length ?? 0), 0);
	if (length < MIN_CHARS) return [];
	const size = Math.ceil(length / Math.max(1, count));
	const steps: BlockDeltaEvent[][] = [];
	/** Characters that the last step still takes. */
	let free = 0;
	for (const piece of deltas.flatMap((delta) => singleEvents(delta)).flatMap((delta) => cut(delta, size))) {
		const step = free > 0 ? steps.at(-1) : undefined;
		if (step) step.push(piece);
		else {
			steps.push([piece]);
			free = size;
		}
		free -= textOf(piece)?.length ?? 0;
	}
	return steps;
}

/** A delta in pieces of whole words, each but the last at least `size` characters long. */
function cut(delta: BlockDeltaEvent, size: number): BlockDeltaEvent[] {
	const text = textOf(delta) ?? "";
	if (text.length <= size) return [delta];
	const pieces: string[] = [];
	let piece = "";
	words ??= new Intl.Segmenter(undefined, { granularity: "word" });
	for (const { segment } of words.segment(text)) {
		piece += segment;
		if (piece.length < size) continue;
		pieces.push(piece);
		piece = "";
	}
	if (piece !== "") pieces.push(piece);
	return pieces.map((part) => withDeltaText(delta, part));
}

function isText(event: MessageEvent): event is BlockDeltaEvent {
	return event.type === "content_block_delta" && textOf(event) !== undefined;
}

function textOf({ delta }: BlockDeltaEvent): string | undefined {
	if (delta.type === "text_delta") return delta.text;
	return delta.type === "thinking_delta" ? delta.thinking : undefined;
}

/** Whether somebody sees the text arrive: print mode (`sdk-cli`) shows it only when it is complete. */
export function isWatched(userAgent: string | undefined): boolean {
	return userAgent !== undefined && !userAgent.includes("sdk-cli");
}
