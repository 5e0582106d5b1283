import { type BlockDeltaEvent, type MessageEvent, singleEvents, withDeltaText } from "../../protocol/events.ts";
import type { FailureResponse } from "./failure-response.ts";
import type { Reply } from "./reply.ts";

/** Longest time that text waits here, in milliseconds. */
export const MAX_DELAY = 250;
/** Reads closer together than this, or smaller than this many characters, are smooth enough as they are. */
const SMOOTH_INTERVAL = 60;
const SMOOTH_LENGTH = 40;
/** Milliseconds between two steps: one frame of a terminal that draws fifty times a second. */
const STEP = 20;

/** Made when the first long piece comes: its tables take 2 MB. */
let words: Intl.Segmenter | undefined;

/**
 * Spreads text that arrives in big pieces over the time until the next piece is due, in words: the stream's own rate,
 * never more than 250 ms late. A read that holds anything but text passes at once with all before it, and so does
 * everything when the client is slow. The only stage with a clock.
 */
export class SmoothReply implements Reply {
	readonly #inner: Reply;
	/** Pushed since the last flush: one read of the provider. */
	#arrived: MessageEvent[] = [];
	/** Steps that are due one after the other. */
	#waiting: MessageEvent[][] = [];
	#timer: NodeJS.Timeout | undefined;
	#lastRead: number | undefined;
	/** When the last step must be out. */
	#deadline = 0;
	#complete = false;

	constructor(inner: Reply) {
		this.#inner = inner;
	}

	get committed(): boolean {
		return this.#inner.committed;
	}

	get complete(): boolean {
		return this.#complete;
	}

	push(event: MessageEvent): void {
		if (event.type === "message_stop") this.#complete = true;
		this.#arrived.push(event);
	}

	flush(): true | Promise<true> {
		const now = Date.now();
		const interval = this.#lastRead === undefined ? 0 : now - this.#lastRead;
		if (this.#arrived.length > 0) this.#lastRead = now;
		const [first = this.#arrived, ...others] = this.#steps(interval);
		this.#release(first);
		this.#arrived = [];
		this.#waiting = others;
		this.#deadline = now + MAX_DELAY;
		const flushed = this.#inner.flush();
		if (flushed !== true) return flushed.then(() => this.#arm());
		return this.#arm();
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
		this.#stopClock();
		this.#arrived = [];
		this.#waiting = [];
		this.#lastRead = undefined;
		this.#inner.restart();
	}

	close(): void {
		this.#stopClock();
		this.#inner.close();
	}

	/** What arrived, in steps; empty when it should leave at once. */
	#steps(interval: number): MessageEvent[][] {
		if (interval < SMOOTH_INTERVAL || !this.#inner.committed) return [];
		const deltas = this.#arrived.filter((event) => event.type === "content_block_delta" && textOf(event) !== undefined);
		if (deltas.length < this.#arrived.length) return [];
		return inSteps(deltas as BlockDeltaEvent[], Math.floor(Math.min(interval, MAX_DELAY) / STEP));
	}

	/** Sets the clock for the next step, if there is one. */
	#arm(): true {
		this.#stopClock();
		if (this.#waiting.length > 0) this.#timer = setTimeout(() => void this.#step(), STEP);
		return true;
	}

	async #step(): Promise<void> {
		const next = this.#waiting.shift();
		for (const event of next ?? []) this.#inner.push(event);
		await this.#inner.flush();
		// A clock or a client that is late would only fall behind with more steps.
		if (Date.now() >= this.#deadline && this.#waiting.length > 0) {
			this.#release([]);
			await this.#inner.flush();
		}
		this.#arm();
	}

	/** Pushes all that waits, and then these. */
	#release(events: readonly MessageEvent[]): void {
		this.#stopClock();
		for (const step of this.#waiting) for (const event of step) this.#inner.push(event);
		this.#waiting = [];
		for (const event of events) this.#inner.push(event);
	}

	#releaseAll(): void {
		this.#release(this.#arrived);
		this.#arrived = [];
	}

	/** Nearly always there is none: a text that comes smoothly leaves as it came. */
	#stopClock(): void {
		if (!this.#timer) return;
		clearTimeout(this.#timer);
		this.#timer = undefined;
	}
}

/**
 * Deltas in at most so many steps of about the same length; none when they are short. A delta leaves as it came, or in
 * pieces where it is longer than a step: cut between words, never inside a character that is made of several.
 */
export function inSteps(deltas: readonly BlockDeltaEvent[], count: number): BlockDeltaEvent[][] {
	const length = deltas.reduce((sum, delta) => sum + (textOf(delta)?.length ?? 0), 0);
	if (length < SMOOTH_LENGTH) return [];
	const size = Math.ceil(length / Math.max(1, count));
	const steps: BlockDeltaEvent[][] = [];
	let left = 0;
	for (const piece of deltas.flatMap((delta) => singleEvents(delta)).flatMap((delta) => cut(delta, size))) {
		const step = left > 0 ? steps.at(-1) : undefined;
		if (step) step.push(piece);
		else {
			steps.push([piece]);
			left = size;
		}
		left -= textOf(piece)?.length ?? 0;
	}
	return steps;
}

/** A delta in pieces of whole words, each at least so long but the last. */
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

function textOf(event: MessageEvent): string | undefined {
	if (event.type !== "content_block_delta") return undefined;
	if (event.delta.type === "text_delta") return event.delta.text;
	return event.delta.type === "thinking_delta" ? event.delta.thinking : undefined;
}

/** Print mode writes when all is there, and nobody watches. */
export function isWatched(userAgent: string | undefined): boolean {
	return userAgent !== undefined && !userAgent.includes("sdk-cli");
}
