import { type BlockDeltaEvent, singleEvents, withDeltaText } from "../../protocol/events.ts";

/**
 * Text deltas that are not decided yet. A delta that is released as a whole stays the same object; one of which a part is
 * dropped is cut.
 */
export class TextQueue {
	#events: BlockDeltaEvent[] = [];
	/** Index of the first event in the queue, and how many of its characters were already released or dropped. */
	#head = 0;
	#gone = 0;
	/** Released characters of an event whose rest is undecided. */
	#ready = 0;

	push(event: BlockDeltaEvent): void {
		this.#events.push(event);
	}

	/** Marks the next characters as text. Returns the events that are complete. */
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

	/** Removes the next characters. Returns the text before them. */
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

	/** The released part of the first event. */
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

/** The text of a text delta; "" for other deltas. */
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
