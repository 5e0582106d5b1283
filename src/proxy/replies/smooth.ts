import { type BlockDeltaEvent, type MessageEvent, singleEvents, withDeltaText } from "../../protocol/events.ts";
import type { FailureResponse } from "./failure-response.ts";
import type { Reply } from "./reply.ts";

/** Longest time that text is held back. */
const MAX_DELAY_MS = 250;
/** Reads that are closer together, or that are shorter, look smooth as they are. */
const MIN_INTERVAL_MS = 60;
const MIN_CHARS = 40;
/** Time between two steps: one frame of a terminal that redraws fifty times a second. */
const STEP_MS = 20;

/** Created for the first long text: its tables take 2 MB. */
let words: Intl.Segmenter | undefined;

/**
 * Spreads text that arrives in large pieces over the time until the next piece is due, word by word: the rate of the
 * stream itself, never more than 250 ms late. A read with anything but text is written at once, with all text before it,
 * and so is everything when the client is slow.
 */
export class SmoothReply implements Reply {
	readonly #inner: Reply;
	/** Events pushed since the last flush: those of one read from the provider. */
	#arrived: MessageEvent[] = [];
	/** Steps still to be written, one every `STEP_MS`. */
	#steps: MessageEvent[][] = [];
	#timer: NodeJS.Timeout | undefined;
	#lastReadAt: number | undefined;
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
		if (this.#arrived.length > 0) this.#lastReadAt = now;
		const [first = this.#arrived, ...others] = this.#inSteps(interval);
		this.#release(first);
		this.#arrived = [];
		this.#steps = others;
		this.#deadline = now + MAX_DELAY_MS;
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
		this.#inner.restart();
	}

	close(): void {
		this.#stopTimer();
		this.#inner.close();
	}

	/** The events that arrived, in steps; none when they should be written at once. */
	#inSteps(interval: number): MessageEvent[][] {
		if (interval < MIN_INTERVAL_MS || !this.#inner.committed) return [];
		const deltas = this.#arrived.filter(isText);
		if (deltas.length < this.#arrived.length) return [];
		return inSteps(deltas, Math.floor(Math.min(interval, MAX_DELAY_MS) / STEP_MS));
	}

	/** Starts the timer for the next step, if there is one. */
	#arm(): true {
		this.#stopTimer();
		if (this.#steps.length > 0) this.#timer = setTimeout(() => void this.#step(), STEP_MS);
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
