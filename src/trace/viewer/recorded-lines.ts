import type { MessageEvent } from "../../protocol/events.ts";
import type { StoredAttempt } from "../store/read-store.ts";

/** One read of the reply, as a line of a list. */
export interface FrameLine {
	/** Milliseconds from the start of the exchange. */
	time: number;
	/** The beginning, on one line. */
	text: string;
	/** Index of the first event that it produced; -1 for none. */
	event: number;
}

export interface EventLine {
	type: string;
	text: string;
	/** Index of the read that it came from; -1 for none. */
	read: number;
}

/** Longest text of a line. */
const MAX_LINE_CHARS = 200;
/** Per request of the page. */
const MAX_LINES = 500;

/**
 * The reads of a reply and the events made from them, line by line. A reply of tens of megabytes has hundreds of
 * thousands of both, so only the visible ones are converted to text.
 */
export class RecordedLines {
	readonly #bytes: Buffer;
	readonly #events: StoredAttempt["events"];
	readonly #eventReads: readonly number[];
	readonly #times: number[] = [];
	/** Offset of each read, and the end of the last one. */
	readonly #offsets: number[] = [0];
	/** First event of each read. */
	readonly #firstEvents = new Map<number, number>();

	constructor({ reply, reads, events, eventReads }: StoredAttempt) {
		this.#bytes = reply?.bytes ?? Buffer.alloc(0);
		this.#events = events;
		this.#eventReads = eventReads;
		for (const [index, read] of eventReads.entries()) {
			if (!this.#firstEvents.has(read)) this.#firstEvents.set(read, index);
		}
		for (const [time, bytes] of readsOf(reads, this.#bytes.length)) {
			this.#times.push(time);
			this.#offsets.push((this.#offsets.at(-1) ?? 0) + bytes);
		}
	}

	get frameCount(): number {
		return this.#times.length;
	}

	get eventCount(): number {
		return this.#events.length;
	}

	frames(from: number, count: number): FrameLine[] {
		const times = this.#times.slice(from, from + Math.min(count, MAX_LINES));
		return times.map((time, step) => {
			const start = this.#offsets[from + step] ?? 0;
			// No character has more than four bytes.
			const end = Math.min(this.#offsets[from + step + 1] ?? 0, start + 4 * MAX_LINE_CHARS);
			const text = oneLine(this.#bytes.toString("utf8", start, end));
			return { time, text, event: this.#firstEvents.get(from + step) ?? -1 };
		});
	}

	events(from: number, count: number): EventLine[] {
		const events = this.#events.slice(from, from + Math.min(count, MAX_LINES));
		return events.map((event, step) => {
			return { ...describeEvent(event), read: this.#eventReads[from + step] ?? -1 };
		});
	}

	/** The full text of a read; undefined if there is no such read. */
	frameText(index: number): string | undefined {
		const [start, end] = [this.#offsets[index], this.#offsets[index + 1]];
		return start === undefined || end === undefined ? undefined : this.#bytes.toString("utf8", start, end);
	}

	eventText(index: number): string | undefined {
		const event = this.#events[index];
		return event && JSON.stringify(event, null, 2);
	}
}

/** The list is narrow: a delta is shown by its kind and its text. */
function describeEvent(event: MessageEvent): Pick<EventLine, "type" | "text"> {
	const { type, ...rest } = event.type === "content_block_delta" ? event.delta : event;
	const values = Object.values(rest);
	const whole = values.length === 1 && typeof values[0] === "string" ? values[0] : rest;
	return { type, text: oneLine(JSON.stringify(whole)) };
}

/** Redaction may have changed the length of the reply, which is then shown as one read. */
function readsOf(reads: StoredAttempt["reads"], length: number): StoredAttempt["reads"] {
	const total = reads.reduce((sum, [, bytes]) => sum + bytes, 0);
	if (total === length) return reads;
	return length === 0 ? [] : [[reads[0]?.[0] ?? 0, length]];
}

function oneLine(text: string): string {
	return text.slice(0, MAX_LINE_CHARS).replace(/\s+/g, " ").trim();
}
