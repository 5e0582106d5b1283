import { type BlockDeltaEvent, deltaText, type MessageEvent, piecesOf } from "./events.ts";

/**
 * One event as `text/event-stream` text, or each of the events that it joins. The `event:` line is required: Claude Code
 * and the official SDK drop an event without it (`streaming.ts` of the SDK).
 */
export function encodeSse(event: MessageEvent): string {
	const head = `event: ${event.type}\ndata: `;
	const pieces = piecesOf(event);
	if (event.type !== "content_block_delta" || !pieces) return `${head}${rawTextOf(event) ?? encodeData(event)}\n\n`;
	const { before, after } = deltaTemplate(event);
	return pieces.map((piece) => `${head}${before}${JSON.stringify(piece)}${after}\n\n`).join("");
}

/** The `data:` text of an event. */
function encodeData(event: MessageEvent): string {
	const text = event.type === "content_block_delta" ? deltaText(event.delta) : undefined;
	if (event.type !== "content_block_delta" || text === undefined) return JSON.stringify(event);
	const { before, after } = deltaTemplate(event);
	return before + JSON.stringify(text) + after;
}

const TEXT_FIELDS: Readonly<Record<string, string>> = {
	text_delta: "text",
	thinking_delta: "thinking",
	input_json_delta: "partial_json",
};

/** The JSON of a delta around its text. Nearly all events are such deltas: a template halves the time to write one. */
function deltaTemplate({ index, delta: { type } }: BlockDeltaEvent): { before: string; after: string } {
	const before = `{"type":"content_block_delta","index":${index},"delta":{"type":"${type}","${TEXT_FIELDS[type]}":`;
	return { before, after: "}}" };
}

/** The `data:` text that an event arrived with. It is kept as long as the event. */
const rawTexts = new WeakMap<MessageEvent, string>();

/**
 * Remembers the text that an event was parsed from, so that an unchanged event is sent with the bytes it came with. A
 * stage that changes an event makes a new object, which has no such text.
 */
export function rememberRawText(event: MessageEvent, data: string): void {
	if (data === encodeData(event)) return;
	// A text that came in several `data:` lines cannot be sent in one.
	rawTexts.set(event, /[\r\n]/.test(data) ? JSON.stringify(event) : data);
}

export function rawTextOf(event: MessageEvent): string | undefined {
	return rawTexts.get(event);
}
