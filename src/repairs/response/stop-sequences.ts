import { type BlockDeltaEvent, type MessageEvent, singleEvents } from "../../protocol/events.ts";
import type { Sink } from "../../protocol/stage.ts";
import { LiteralSet } from "../markup/scanner/literals.ts";
import type { RepairContext, ResponseRepair } from "../repair.ts";
import { eventText, TextQueue } from "./text-queue.ts";

/**
 * Ends the reply at the first stop sequence in its text. Many providers limit, refuse or ignore `stop`, and Claude Code's
 * auto mode relies on it. The exchange then stops reading, so no further tokens are paid for.
 */
export const stopSequences: ResponseRepair = {
	name: "stop-sequences",
	stage: (context) => (next) => {
		const sequences = (context.request.stop_sequences ?? []).filter((sequence) => sequence !== "");
		return sequences.length === 0 ? next : new StopSequences(next, sequences, context);
	},
};

class StopSequences implements Sink<MessageEvent> {
	readonly #next: Sink<MessageEvent>;
	readonly #sequences: readonly string[];
	readonly #literals: LiteralSet;
	readonly #context: RepairContext;
	/** Text that may be the beginning of a sequence. */
	#held = "";
	#queue = new TextQueue();
	#outputTokens = 0;
	#isStopped = false;

	constructor(next: Sink<MessageEvent>, sequences: readonly string[], context: RepairContext) {
		this.#next = next;
		this.#sequences = sequences;
		this.#literals = new LiteralSet(sequences);
		this.#context = context;
	}

	push(event: MessageEvent): void {
		if (this.#isStopped) return;
		if (event.type === "content_block_delta" && event.delta.type === "text_delta") {
			for (const single of singleEvents(event)) if (!this.#isStopped) this.#readText(single);
			return;
		}
		if (event.type === "message_start") this.#outputTokens = event.message.usage.output_tokens;
		if (event.type !== "ping") this.#release(this.#held.length);
		this.#next.push(event);
	}

	end(): void {
		this.#next.end();
	}

	#readText(event: BlockDeltaEvent): void {
		this.#queue.push(event);
		this.#held += eventText(event);
		const hit = this.#firstHit();
		if (hit) this.#stop(hit, event.index);
		else this.#release(this.#held.length - this.#literals.partialLength(this.#held));
	}

	/** The sequence that is complete first. Of two that end at the same place, the longer one. */
	#firstHit(): { at: number; sequence: string } | undefined {
		const hits = this.#sequences
			.map((sequence) => ({ at: this.#held.indexOf(sequence), sequence }))
			.filter(({ at }) => at >= 0);
		return hits.sort((a, b) => a.at + a.sequence.length - b.at - b.sequence.length || a.at - b.at)[0];
	}

	#stop({ at, sequence }: { at: number; sequence: string }, index: number): void {
		this.#release(at);
		for (const event of this.#queue.drop(this.#held.length)) this.#next.push(event);
		this.#isStopped = true;
		const { refusedParameters, maxStopSequences } = this.#context.target.quirks;
		// Where the endpoint takes no stop sequences, or fewer, cc-any does this each time.
		const isSent = !refusedParameters.includes("stop") && this.#sequences.indexOf(sequence) < maxStopSequences;
		this.#context.note({
			kind: isSent ? "ignored-stop-sequence" : "stop-sequence",
			where: `response.block[${index}]`,
			seen: JSON.stringify(sequence),
			done: "cc-any ended the reply there; the provider had not stopped",
		});
		this.#next.push({ type: "content_block_stop", index });
		const delta = { stop_reason: "stop_sequence", stop_sequence: sequence } as const;
		// The final counts would come after the end, which is not awaited. Only those of message_start are known.
		const usage = { output_tokens: this.#outputTokens };
		this.#next.push({ type: "message_delta", delta, usage });
		this.#next.push({ type: "message_stop" });
	}

	#release(length: number): void {
		this.#held = this.#held.slice(length);
		for (const event of this.#queue.release(length)) this.#next.push(event);
	}
}
