import { encodeData } from "./encode-data.ts";
import type { MessageEvent } from "./events.ts";

/** The `data:` text that an event arrived with. Weak: it lives as long as the event does. */
const rawTexts = new WeakMap<MessageEvent, string>();

/**
 * Remembers the text that an event was parsed from, so that an event nobody changed leaves with the very bytes it came
 * with. A stage that changes an event makes a new object, which has no such text.
 */
export function withRawText(event: MessageEvent, data: string): MessageEvent {
	// What would be written anyway need not be remembered. A text over several `data:` lines cannot leave on one.
	if (data === encodeData(event)) return event;
	rawTexts.set(event, /[\r\n]/.test(data) ? JSON.stringify(event) : data);
	return event;
}

export function rawTextOf(event: MessageEvent): string | undefined {
	return rawTexts.get(event);
}
