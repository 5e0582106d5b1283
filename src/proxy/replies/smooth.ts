import { deltaText, type MessageEvent, withDeltaText } from "../../protocol/events.ts";
import type { FailureResponse } from "./failure-response.ts";
import type { Reply } from "./reply.ts";
import { Rhythm } from "./rhythm.ts";

/** Time between two steps: one frame of a terminal that redraws fifty times a second. */
const STEP_MS = 20;

/** Created for the first long text: its tables take 2 MB. */
let words: Intl.Segmenter | undefined;

/**
 * Spreads text that arrives in lumps over the time until the next one is due, word by word: at the rate of the stream
 * itself, never more than 1.2 s late. A tool call, the end, the next lump and a slow client release all text at once.
 */
export class SmoothReply implements Reply {
	readonly #inner: Reply;
	#rhythm = new Rhythm();
	/** Events pushed since the last flush: those of one read from the provider. */
	#arrived: MessageEvent[] = [];
	/** Steps still to be written, one every `#stepMs`. */
	#steps: MessageEvent[][] = [];
	#stepMs = STEP_MS;
	#timer: NodeJS.Timeout | undefined;
	/** When the last step must be written. */
	#deadline = 0;

	constructor(inner: Reply) {
		this.#inner = inner;
	}

	get committed(): boolean {
		return this.#inner.committed;
	}

	push(event: MessageEvent): void {
		// A sign of life has no place in the order of the text.
		if (event.type === "ping") this.#inner.push(event);
		else this.#arrived.push(event);
	}

	flush(): true | Promise<true> {
		const arrived = this.#arrived;
		this.#arrived = [];
		if (arrived.length > 0) this.#schedule(arrived);
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
		this.#rhythm = new Rhythm();
		this.#inner.restart();
	}

	close(): void {
		this.#stopTimer();
		this.#inner.close();
	}

	/** Pushes the events of one read, or makes steps of them. */
	#schedule(arrived: readonly MessageEvent[]): void {
		const isPatient = arrived.every(mayWait);
		if (!arrived.some(isDelta)) {
			// The end of a block, for example, keeps its place after the text.
			const last = isPatient ? this.#steps.at(-1) : undefined;
			if (last) last.push(...arrived);
			else this.#release(arrived);
			return;
		}
		const now = Date.now();
		const { isFirst, due } = this.#rhythm.read(now, charsOf(arrived));
		if (isFirst) this.#release([]);
		if (due <= now || !isPatient) {
			this.#release(arrived);
			return;
		}
		this.#steps = inSteps([...this.#steps.flat(), ...arrived], Math.floor((due - now) / STEP_MS));
		this.#stepMs = Math.max(STEP_MS, (due - now) / this.#steps.length);
		this.#deadline = due;
		// While a step waits for its time, the others follow it.
		if (!this.#timer) this.#writeStep();
	}

	/** Starts the timer for the next step, if there is one and none is running. */
	#arm(): true {
		if (this.#steps.length > 0) this.#timer ??= setTimeout(() => void this.#step(), this.#stepMs);
		return true;
	}

	/** Writes the next step, and those that a late timer or a slow client has held up. */
	async #step(): Promise<void> {
		this.#timer = undefined;
		const left = Math.max(0, Math.floor((this.#deadline - Date.now()) / this.#stepMs));
		do this.#writeStep();
		while (this.#steps.length > left);
		await this.#inner.flush();
		this.#arm();
	}

	#writeStep(): void {
		for (const event of this.#steps.shift() ?? []) this.#inner.push(event);
	}

	/** Pushes the remaining steps, and then these events. */
	#release(events: readonly MessageEvent[]): void {
		this.#stopTimer();
		while (this.#steps.length > 0) this.#writeStep();
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
 * The events in at most `count` steps of text of about equal length. A delta that is longer than a step is cut between
 * words, never inside a character that is made of several code points. Events without text keep their place.
 */
export function inSteps(events: readonly MessageEvent[], count: number): MessageEvent[][] {
	const size = Math.ceil(charsOf(events) / Math.max(1, count));
	const steps: MessageEvent[][] = [];
	/** Characters that the last step still takes. */
	let free = 0;
	for (const piece of events.flatMap((event) => cut(event, size))) {
		const { length } = textOf(piece) ?? "";
		const step = free > 0 || length === 0 ? steps.at(-1) : undefined;
		if (step) step.push(piece);
		else {
			steps.push([piece]);
			free = size;
		}
		free -= length;
	}
	return steps;
}

/** A delta in pieces of whole words, each but the last at least `size` characters long. */
function cut(event: MessageEvent, size: number): MessageEvent[] {
	const text = textOf(event) ?? "";
	if (event.type !== "content_block_delta" || text.length <= size) return [event];
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
	return pieces.map((part) => withDeltaText(event, part));
}

/** Text of the reply or of its thinking. */
function textOf(event: MessageEvent): string | undefined {
	if (event.type !== "content_block_delta" || event.delta.type === "input_json_delta") return undefined;
	return deltaText(event.delta);
}

function charsOf(events: readonly MessageEvent[]): number {
	return events.reduce((sum, event) => sum + (textOf(event)?.length ?? 0), 0);
}

function isDelta(event: MessageEvent): boolean {
	return event.type === "content_block_delta";
}

/** Whether an event may wait in the order of the text: a tool call and the end of the reply may not. */
function mayWait(event: MessageEvent): boolean {
	if (event.type === "content_block_start") return event.content_block.type !== "tool_use";
	if (event.type === "content_block_delta") return event.delta.type !== "input_json_delta";
	return event.type === "message_start" || event.type === "content_block_stop";
}

/** Whether somebody sees the text arrive: print mode (`sdk-cli`) shows it only when it is complete. */
export function isWatched(userAgent: string | undefined): boolean {
	return userAgent !== undefined && !userAgent.includes("sdk-cli");
}
