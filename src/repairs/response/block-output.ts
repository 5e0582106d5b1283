import type { BlockDeltaEvent, BlockStart, BlockStop, MessageEvent } from "../../protocol/events.ts";
import type { ContentBlock } from "../../protocol/messages.ts";
import type { Sink } from "../../protocol/stage.ts";

/**
 * Writes the blocks of a reply from which some were removed, or to which some were added, with their new indexes. An event
 * whose index does not change passes as the same object. A start can be held until its block has content.
 */
export class BlockOutput {
	readonly #next: Sink<MessageEvent>;
	#index = -1;
	#heldStart: BlockStart | undefined;

	constructor(next: Sink<MessageEvent>) {
		this.#next = next;
	}

	/** Writes the start with the first delta of the block. */
	holdStart(event: BlockStart): void {
		this.#heldStart = event;
	}

	/** The start is held: no event of the block was written. */
	get isHeld(): boolean {
		return this.#heldStart !== undefined;
	}

	start(event: BlockStart): void {
		this.#index++;
		this.#write(event);
	}

	add(event: BlockDeltaEvent): void {
		this.#writeHeldStart();
		this.#write(event);
	}

	stop(event: BlockStop): void {
		this.#writeHeldStart();
		this.#write(event);
	}

	/** Drops the held block. */
	leaveOut(): void {
		this.#heldStart = undefined;
	}

	/** Writes an additional block. */
	block(content_block: ContentBlock, deltas: readonly BlockDeltaEvent["delta"][]): void {
		this.start({ type: "content_block_start", index: this.#index + 1, content_block });
		for (const delta of deltas) this.#write({ type: "content_block_delta", index: this.#index, delta });
		this.#write({ type: "content_block_stop", index: this.#index });
	}

	#writeHeldStart(): void {
		const start = this.#heldStart;
		this.#heldStart = undefined;
		if (start) this.start(start);
	}

	#write(event: BlockStart | BlockDeltaEvent | BlockStop): void {
		this.#next.push(event.index === this.#index ? event : { ...event, index: this.#index });
	}
}
