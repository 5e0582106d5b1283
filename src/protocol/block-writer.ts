import type { BlockDelta, MessageEvent } from "./events.ts";
import type { ContentBlock, Message, StopReason, Usage } from "./messages.ts";
import type { Sink } from "./stage.ts";

/** The fields of `message_start` that differ from reply to reply. */
export interface MessageHead {
	id: string;
	model: string;
	usage: Usage;
}

/**
 * Writes the events of one reply with their indexes: message_start once, at most one open block, message_stop once.
 * `MessageWriter` decides what the blocks are.
 */
export class BlockWriter {
	readonly #next: Sink<MessageEvent>;
	readonly #head: () => MessageHead;
	#index = -1;
	#open = false;
	#started = false;

	/** `head` is called when the first block begins. */
	constructor(next: Sink<MessageEvent>, head: () => MessageHead) {
		this.#next = next;
		this.#head = head;
	}

	get started(): boolean {
		return this.#started;
	}

	/** Closes the open block, if any, and opens another. */
	open(content_block: ContentBlock): void {
		this.close();
		this.start();
		this.#open = true;
		this.#next.push({ type: "content_block_start", index: ++this.#index, content_block });
	}

	/** Adds to the open block. */
	delta(delta: BlockDelta): void {
		this.#next.push({ type: "content_block_delta", index: this.#index, delta });
	}

	close(): void {
		if (!this.#open) return;
		this.#open = false;
		this.#next.push({ type: "content_block_stop", index: this.#index });
	}

	/** Ends the reply. */
	stop(stop_reason: StopReason, stop_sequence: string | null, usage: Partial<Usage>): void {
		this.close();
		this.start();
		this.#next.push({ type: "message_delta", delta: { stop_reason, stop_sequence }, usage });
		this.#next.push({ type: "message_stop" });
	}

	start(): void {
		if (this.#started) return;
		this.#started = true;
		const { id, model, usage } = this.#head();
		const end = { stop_reason: null, stop_sequence: null, usage };
		const message: Message = { id, type: "message", role: "assistant", model, content: [], ...end };
		this.#next.push({ type: "message_start", message });
	}
}
