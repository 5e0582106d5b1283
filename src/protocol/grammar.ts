import type { BlockDelta, MessageEvent } from "./events.ts";
import type { Stage } from "./stage.ts";

const DELTA_OF_BLOCK: Readonly<Record<string, readonly BlockDelta["type"][]>> = {
	text: ["text_delta", "citations_delta"],
	thinking: ["thinking_delta", "signature_delta"],
	tool_use: ["input_json_delta"],
	server_tool_use: ["input_json_delta"],
};

/**
 * Checks the grammar of a reply: one message_start; blocks that open, get deltas of their kind and close, with indexes
 * from 0 and at most one open; then message_delta and message_stop. Pings may come anywhere; an error ends the reply.
 * A violation is reported, and the event passes.
 */
export function grammar(onViolation: (message: string) => void): Stage<MessageEvent, MessageEvent> {
	return (next) => {
		const check = grammarCheck();
		return {
			push(event) {
				const violation = check(event);
				if (violation) onViolation(violation);
				next.push(event);
			},
			end: () => next.end(),
		};
	};
}

/** A function that returns what is wrong with each next event of a reply, or undefined. */
export function grammarCheck(): (event: MessageEvent) => string | undefined {
	let state: "before" | "open" | "delta" | "stopped" = "before";
	const blocks = new BlockOrder();
	return (event) => {
		if (event.type === "ping") return undefined;
		if (state === "stopped") return `${event.type} after the end of the message`;
		switch (event.type) {
			case "error":
				state = "stopped";
				return undefined;
			case "message_start": {
				const violation = state === "before" ? undefined : "second message_start";
				state = "open";
				return violation;
			}
			case "message_delta":
				if (state !== "open") return "message_delta out of place";
				state = "delta";
				return blocks.open ? `message_delta while block ${blocks.open.index} is open` : undefined;
			case "message_stop": {
				const violation = state === "delta" ? undefined : "message_stop without message_delta";
				state = "stopped";
				return violation;
			}
			default:
				if (state === "open") return blocks.violation(event);
				return `${event.type} ${state === "before" ? "before message_start" : "after message_delta"}`;
		}
	};
}

/** The blocks of one reply: indexes from 0, one open at a time, deltas of its kind. */
class BlockOrder {
	open: { index: number; type: string } | undefined;
	#nextIndex = 0;

	violation(event: MessageEvent): string | undefined {
		switch (event.type) {
			case "content_block_start":
				if (this.open) return `block ${event.index} starts while block ${this.open.index} is open`;
				if (event.index !== this.#nextIndex) return `block index ${event.index}, expected ${this.#nextIndex}`;
				this.open = { index: event.index, type: event.content_block.type };
				this.#nextIndex++;
				return undefined;
			case "content_block_delta": {
				if (this.open?.index !== event.index) return notOpen(event);
				const allowed = DELTA_OF_BLOCK[this.open.type];
				const isAllowed = !allowed || allowed.includes(event.delta.type);
				return isAllowed ? undefined : `${event.delta.type} in a ${this.open.type} block`;
			}
			case "content_block_stop":
				if (this.open?.index !== event.index) return notOpen(event);
				this.open = undefined;
				return undefined;
			default:
				return undefined;
		}
	}
}

function notOpen({ type, index }: { type: string; index: number }): string {
	return `${type} for block ${index}, which is not open`;
}
