import type { MessageEvent } from "./events.ts";
import { rawTextOf } from "./raw-event.ts";

/**
 * One event as `text/event-stream` text. The `event:` line is not optional: Claude Code and the official SDK drop an
 * event without it (measured, and `streaming.ts` of the SDK).
 */
export function encodeSse(event: MessageEvent): string {
	return `event: ${event.type}\ndata: ${rawTextOf(event) ?? encodeData(event)}\n\n`;
}

/** Nearly all events are text deltas, and a template with one string in it takes half the time of a whole object. */
function encodeData(event: MessageEvent): string {
	if (event.type !== "content_block_delta" || event.delta.type !== "text_delta") return JSON.stringify(event);
	const text = JSON.stringify(event.delta.text);
	return `{"type":"content_block_delta","index":${event.index},"delta":{"type":"text_delta","text":${text}}}`;
}
