import type { MessageEvent } from "../../protocol/events.ts";
import type { Stage } from "../../protocol/stage.ts";

/** Puts a line of cc-any's own before a reply, as a text block; the reply's blocks move up by one. */
export function announce(line: string): Stage<MessageEvent, MessageEvent> {
	return (next) => ({
		push(event) {
			next.push(moved(event));
			if (event.type !== "message_start") return;
			next.push({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
			next.push({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: line } });
			next.push({ type: "content_block_stop", index: 0 });
		},
		end: () => next.end(),
	});
}

function moved(event: MessageEvent): MessageEvent {
	switch (event.type) {
		case "content_block_start":
		case "content_block_delta":
		case "content_block_stop":
			return { ...event, index: event.index + 1 };
		default:
			return event;
	}
}
