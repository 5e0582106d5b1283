import { isCompaction } from "../../protocol/compaction.ts";
import type { BlockStart, MessageDelta, MessageEvent } from "../../protocol/events.ts";
import type { Sink } from "../../protocol/stage.ts";
import type { RepairContext, ResponseRepair } from "../repair.ts";

/** With more text than this, a reply is a summary; with less, "I'll read the file first". */
const MIN_SUMMARY_CHARS = 400;

/**
 * Keeps tool calls out of the reply to a compaction. Claude Code offers the tools there, asks for text only, and fails at a
 * call: the session then stays at its limit (anthropics/claude-code#18168). A call before any summary has the request sent
 * once more, so that no tool can be called; any other call is dropped.
 */
export const compactionCall: ResponseRepair = {
	name: "compaction-call",
	stage: (context) => (next) => (isCompaction(context.request) ? new CompactionCall(next, context) : next),
};

class CompactionCall implements Sink<MessageEvent> {
	readonly #next: Sink<MessageEvent>;
	readonly #context: RepairContext;
	/** The events before the summary, as long as the request can still be sent again. */
	#held: MessageEvent[] | undefined = [];
	#textChars = 0;
	#dropped = 0;
	/** A dropped call is open. */
	#isInCall = false;
	#isDiscarded = false;

	constructor(next: Sink<MessageEvent>, context: RepairContext) {
		this.#next = next;
		this.#context = context;
	}

	push(event: MessageEvent): void {
		if (this.#isDiscarded) return;
		if (event.type === "content_block_start" && event.content_block.type === "tool_use") this.#drop(event);
		else if (this.#isInCall) this.#isInCall = event.type !== "content_block_stop";
		else this.#pass(this.#dropped > 0 ? this.#withoutCalls(event) : event);
	}

	end(): void {
		if (this.#isDiscarded) return;
		this.#release();
		this.#next.end();
	}

	#drop({ content_block }: BlockStart): void {
		const { note, onAskAgain, isCommitted } = this.#context;
		const name = content_block.type === "tool_use" ? content_block.name : content_block.type;
		const divergence = { kind: "compaction-call", where: "response", seen: `a call of ${name} instead of a summary` };
		if (this.#held && onAskAgain && isCommitted?.() === false) {
			note({ ...divergence, done: "the model was asked again, without tools" });
			this.#isDiscarded = true;
			onAskAgain({ withoutTools: true });
			return;
		}
		note({ ...divergence, done: "the call was dropped" });
		this.#dropped++;
		this.#isInCall = true;
	}

	#pass(event: MessageEvent): void {
		if (event.type === "content_block_delta" && event.delta.type === "text_delta") {
			this.#textChars += event.delta.text.length;
		}
		if (!this.#held) {
			this.#next.push(event);
			return;
		}
		this.#held.push(event);
		const isDecided = event.type === "message_delta" || event.type === "error";
		if (isDecided || this.#textChars >= MIN_SUMMARY_CHARS) this.#release();
	}

	/** The event of a reply whose earlier calls were dropped. */
	#withoutCalls(event: MessageEvent): MessageEvent {
		switch (event.type) {
			case "content_block_start":
			case "content_block_delta":
			case "content_block_stop":
				return { ...event, index: event.index - this.#dropped };
			case "message_delta":
				return endOfText(event);
			default:
				return event;
		}
	}

	#release(): void {
		const held = this.#held ?? [];
		this.#held = undefined;
		for (const event of held) this.#next.push(event);
	}
}

function endOfText(event: MessageDelta): MessageDelta {
	if (event.delta.stop_reason !== "tool_use") return event;
	return { ...event, delta: { ...event.delta, stop_reason: "end_turn" } };
}
