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
	let nextIndex = 0;
	let openBlock: { index: number; type: string } | undefined;

	const blockEvent = (event: MessageEvent): string | undefined => {
		if (state !== "open") return `${event.type} ${state === "before" ? "before message_start" : "after message_delta"}`;
		if (event.type === "content_block_start") {
			if (openBlock) return `block ${event.index} starts while block ${openBlock.index} is open`;
			if (event.index !== nextIndex) return `block index ${event.index} where ${nextIndex} was due`;
			openBlock = { index: event.index, type: event.content_block.type };
			nextIndex++;
			return undefined;
		}
		if (event.type !== "content_block_delta" && event.type !== "content_block_stop") return undefined;
		if (openBlock?.index !== event.index) return `${event.type} for block ${event.index}, which is not open`;
		if (event.type === "content_block_stop") {
			openBlock = undefined;
			return undefined;
		}
		const allowed = DELTA_OF_BLOCK[openBlock.type];
		if (allowed && !allowed.includes(event.delta.type)) return `${event.delta.type} in a ${openBlock.type} block`;
		return undefined;
	};

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
				return openBlock ? `message_delta while block ${openBlock.index} is open` : undefined;
			case "message_stop": {
				const violation = state === "delta" ? undefined : "message_stop without message_delta";
				state = "stopped";
				return violation;
			}
			default:
				return blockEvent(event);
		}
	};
}
