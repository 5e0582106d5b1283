import { type BlockDeltaEvent, singleEvents, withDeltaText } from "../../protocol/events.ts";

/**
 * Text deltas of which it is not decided yet whether they are text. A delta that is text as a whole leaves as the
 * object it came as; one of which a part is left out is cut.
 */
export class TextQueue {
	#events: BlockDeltaEvent[] = [];
	/** First event that is still here, and how many of its characters are decided, and gone. */
	#head = 0;
	#gone = 0;
	/** Characters that are text but wait for the rest of their event. */
	#ready = 0;

	push(event: BlockDeltaEvent): void {
		this.#events.push(event);
	}

	/** The next characters are text. Returns the events that may leave. */
	release(length: number): BlockDeltaEvent[] {
		this.#ready += length;
		const out: BlockDeltaEvent[] = [];
		for (let event = this.#events[this.#head]; event; event = this.#events[this.#head]) {
			const rest = eventText(event).length - this.#gone;
			if (this.#ready < rest || (rest > 0 && this.#ready === 0)) break;
			this.#ready -= rest;
			out.push(this.#gone === 0 ? event : withDeltaText(event, eventText(event).slice(this.#gone)));
			this.#next();
		}
		return out;
	}

	/** The next characters are no text. Returns what is text before them. */
	drop(length: number): BlockDeltaEvent[] {
		const out = this.#cut();
		for (let left = length; left > 0; ) {
			const event = this.#events[this.#head];
			if (!event) break;
			const rest = eventText(event).length - this.#gone;
			if (left < rest) {
				this.#gone += left;
				break;
			}
			left -= rest;
			this.#next();
		}
		return out;
	}

	/** The part of the first event that is text. */
	#cut(): BlockDeltaEvent[] {
		const event = this.#events[this.#head];
		if (this.#ready === 0 || !event) return [];
		const text = eventText(event).slice(this.#gone, this.#gone + this.#ready);
		this.#gone += this.#ready;
		this.#ready = 0;
		return [withDeltaText(event, text)];
	}

	#next(): void {
		this.#head++;
		this.#gone = 0;
		if (this.#head < this.#events.length) return;
		this.#events = [];
		this.#head = 0;
	}
}

export function eventText({ delta }: BlockDeltaEvent): string {
	return delta.type === "text_delta" ? delta.text : "";
}

/** A delta without its first characters. */
export function withoutStart(event: BlockDeltaEvent, length: number): BlockDeltaEvent[] {
	if (length === 0) return [event];
	const queue = new TextQueue();
	for (const single of singleEvents(event)) queue.push(single);
	queue.drop(length);
	return queue.release(eventText(event).length - length);
}
