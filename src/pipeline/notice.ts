import type { MessageEvent } from "../protocol/events.ts";
import type { Stage } from "../protocol/stage.ts";

/** Puts a text block from cc-any before a reply; the index of every block of the reply grows by one. */
export function noticeBefore(text: string): Stage<MessageEvent, MessageEvent> {
	return (next) => ({
		push(event) {
			next.push(withNextIndex(event));
			if (event.type !== "message_start") return;
			next.push({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
			next.push({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } });
			next.push({ type: "content_block_stop", index: 0 });
		},
		end: () => next.end(),
	});
}

function withNextIndex(event: MessageEvent): MessageEvent {
	switch (event.type) {
		case "content_block_start":
		case "content_block_delta":
		case "content_block_stop":
			return { ...event, index: event.index + 1 };
		default:
			return event;
	}
}
