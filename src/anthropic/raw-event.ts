import type { MessageEvent } from "./events.ts";

/** The `data:` text that an event arrived with. Weak: it lives as long as the event does. */
const rawTexts = new WeakMap<MessageEvent, string>();

/**
 * Remembers the text that an event was parsed from, so that an event nobody changed leaves with the very bytes it came
 * with. A stage that changes an event makes a new object, which has no such text.
 */
export function withRawText(event: MessageEvent, data: string): MessageEvent {
	// A text over several `data:` lines cannot leave on one.
	if (!/[\r\n]/.test(data)) rawTexts.set(event, data);
	return event;
}

export function rawTextOf(event: MessageEvent): string | undefined {
	return rawTexts.get(event);
}
