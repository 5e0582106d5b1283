import type { MessageEvent } from "./events.ts";
import { rawTextOf } from "./raw-event.ts";

/**
 * One event as `text/event-stream` text. The `event:` line is not optional: Claude Code and the official SDK drop an
 * event without it (measured, and `streaming.ts` of the SDK).
 */
export function encodeSse(event: MessageEvent): string {
	return `event: ${event.type}\ndata: ${rawTextOf(event) ?? JSON.stringify(event)}\n\n`;
}
