import { rawTextOf } from "./encode-sse.ts";
import { type BlockDeltaEvent, deltaText, type MessageEvent, piecesOf, withDeltaText } from "./events.ts";
import type { Sink } from "./stage.ts";

/**
 * Joins the deltas of one read into one event with pieces, so that later stages look at a text once and not once for each
 * of a hundred deltas: this halves the work per delta (docs/performance.md). `flush` ends a read. A single delta, or one
 * that has to be sent with its original bytes, passes as the same object.
 */
export class DeltaGatherer implements Sink<MessageEvent> {
	readonly #next: Sink<MessageEvent>;
	/** Deltas of one block and type. Mostly there is only the first. */
	#first: BlockDeltaEvent | undefined;
	#others: BlockDeltaEvent[] = [];

	constructor(next: Sink<MessageEvent>) {
		this.#next = next;
	}

	push(event: MessageEvent): void {
		const isText = event.type === "content_block_delta" && deltaText(event.delta) !== undefined;
		if (!isText || rawTextOf(event) !== undefined) {
			this.flush();
			this.#next.push(event);
			return;
		}
		const first = this.#first;
		if (first && (first.index !== event.index || first.delta.type !== event.delta.type)) this.flush();
		if (this.#first) this.#others.push(event);
		else this.#first = event;
	}

	/** Ends a read: its deltas are passed on. */
	flush(): void {
		const first = this.#first;
		if (!first) return;
		this.#first = undefined;
		const others = this.#others;
		if (others.length > 0) this.#others = [];
		this.#next.push(others.length > 0 ? joined(first, [first, ...others]) : first);
	}

	end(): void {
		this.flush();
		this.#next.end();
	}
}

function joined(first: BlockDeltaEvent, events: readonly BlockDeltaEvent[]): BlockDeltaEvent {
	const pieces: string[] = [];
	for (const event of events) {
		for (const piece of piecesOf(event) ?? [deltaText(event.delta) ?? ""]) pieces.push(piece);
	}
	return withDeltaText(first, pieces.join(""), pieces);
}
