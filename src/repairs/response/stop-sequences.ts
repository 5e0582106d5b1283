import type { MessageEvent } from "../../anthropic/events.ts";
import type { Sink } from "../../stage.ts";
import type { RepairContext, ResponseRepair } from "../repair.ts";

/**
 * Ends the reply where a stop sequence of the request stands in its text. Providers take a few of them, or none, and
 * some ignore what they took; Claude Code's auto mode reads an answer that has to end there.
 */
export const stopSequences: ResponseRepair = {
	name: "stop-sequences",
	stage: (context) => (next) => {
		const sequences = (context.request.stop_sequences ?? []).filter((sequence) => sequence !== "");
		return sequences.length === 0 ? next : new StopWatch(next, sequences, context);
	},
};

class StopWatch implements Sink<MessageEvent> {
	readonly #next: Sink<MessageEvent>;
	readonly #sequences: readonly string[];
	readonly #context: RepairContext;
	/** Text that may be the beginning of a sequence. */
	#held = "";
	/** Index of the text block that is open. */
	#index: number | undefined;
	#stopped = false;

	constructor(next: Sink<MessageEvent>, sequences: readonly string[], context: RepairContext) {
		this.#next = next;
		this.#sequences = sequences;
		this.#context = context;
	}

	push(event: MessageEvent): void {
		// What the model went on to say belongs to nobody.
		if (this.#stopped) return;
		if (event.type === "content_block_start")
			this.#index = event.content_block.type === "text" ? event.index : undefined;
		if (event.type === "content_block_delta" && event.delta.type === "text_delta") {
			this.#readText(event, event.delta.text);
			return;
		}
		if (event.type !== "ping") this.#release();
		this.#next.push(event);
	}

	end(): void {
		this.#next.end();
	}

	#readText(event: MessageEvent, delta: string): void {
		const text = this.#held + delta;
		const hit = this.#firstHit(text);
		if (hit) {
			this.#stop(text.slice(0, hit.at), hit.sequence);
			return;
		}
		const wasHeld = this.#held !== "";
		this.#held = text.slice(text.length - this.#possibleStart(text));
		if (!wasHeld && this.#held === "") this.#next.push(event);
		else this.#write(text.slice(0, text.length - this.#held.length));
	}

	#firstHit(text: string): { at: number; sequence: string } | undefined {
		const hits = this.#sequences.map((sequence) => ({ at: text.indexOf(sequence), sequence }));
		return hits.filter(({ at }) => at !== -1).sort((left, right) => left.at - right.at)[0];
	}

	/** Length of the longest end of the text with which a sequence could begin. */
	#possibleStart(text: string): number {
		const lengths = this.#sequences.map((sequence) => {
			for (let length = Math.min(sequence.length - 1, text.length); length > 0; length--) {
				if (text.endsWith(sequence.slice(0, length))) return length;
			}
			return 0;
		});
		return Math.max(...lengths);
	}

	#stop(text: string, stop_sequence: string): void {
		this.#held = "";
		this.#write(text);
		this.#stopped = true;
		this.#context.note({
			kind: "stop-sequence",
			where: "response",
			seen: JSON.stringify(stop_sequence),
			done: "reply ended there",
		});
		if (this.#index !== undefined) this.#next.push({ type: "content_block_stop", index: this.#index });
		this.#next.push({ type: "message_delta", delta: { stop_reason: "stop_sequence", stop_sequence }, usage: {} });
		this.#next.push({ type: "message_stop" });
	}

	#release(): void {
		const text = this.#held;
		this.#held = "";
		this.#write(text);
	}

	#write(text: string): void {
		if (text === "" || this.#index === undefined) return;
		this.#next.push({ type: "content_block_delta", index: this.#index, delta: { type: "text_delta", text } });
	}
}
