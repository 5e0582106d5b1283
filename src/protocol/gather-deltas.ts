import { rawTextOf } from "./encode-sse.ts";
import { type BlockDeltaEvent, deltaText, type MessageEvent, piecesOf, withDeltaText } from "./events.ts";
import type { Sink } from "./stage.ts";

/**
 * Joins the deltas that came in one read into one event with pieces, so that every later stage looks at a text once and
 * not hundreds of times: half of the work per delta (docs/performance.md). `flush` ends a read. A delta alone, or one
 * that has to leave with its very bytes, passes as the object it came as.
 */
export class DeltaGatherer implements Sink<MessageEvent> {
	readonly #next: Sink<MessageEvent>;
	/** Deltas of one block and kind: a first one, which mostly stays alone, and those behind it. */
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

	/** The read is over: what came in it goes on. */
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
