import { type BlockDeltaEvent, deltaText, type MessageEvent, piecesOf } from "./events.ts";

/** What JSON does not write as it is. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes them.
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;

/**
 * One event as `text/event-stream` text, or all for which it stands. The `event:` line is not optional: Claude Code and
 * the official SDK drop an event without it (measured, and `streaming.ts` of the SDK).
 */
export function encodeSse(event: MessageEvent): string {
	const pieces = piecesOf(event);
	if (pieces) return encodePieces(event as BlockDeltaEvent, pieces);
	return `event: ${event.type}\ndata: ${rawTextOf(event) ?? encodeData(event)}\n\n`;
}

/** What stands between two texts is the same each time: one join writes them all. */
function encodePieces(event: BlockDeltaEvent, pieces: readonly string[]): string {
	const frame = deltaFrame(event);
	const before = `event: ${event.type}\ndata: ${frame.before}"`;
	const behind = `"${frame.behind}\n\n`;
	const isPlain = !ESCAPED.test(deltaText(event.delta) ?? "");
	const texts = isPlain ? pieces : pieces.map((piece) => JSON.stringify(piece).slice(1, -1));
	return before + texts.join(behind + before) + behind;
}

const FIELDS: Readonly<Record<string, string>> = {
	text_delta: "text",
	thinking_delta: "thinking",
	input_json_delta: "partial_json",
};

/** The `data:` text of an event. */
export function encodeData(event: MessageEvent): string {
	const text = event.type === "content_block_delta" ? deltaText(event.delta) : undefined;
	if (text === undefined) return JSON.stringify(event);
	const { before, behind } = deltaFrame(event as BlockDeltaEvent);
	return before + JSON.stringify(text) + behind;
}

/** That of the delta before: a block has hundreds of them. */
let lastFrame = frameOf(0, "text_delta");

/**
 * What stands before and behind the text of a delta. Nearly all events are such deltas, and differ in the text alone: a
 * template with one string in it takes half the time of a whole object.
 */
export function deltaFrame({ index, delta: { type } }: BlockDeltaEvent): { before: string; behind: string } {
	if (lastFrame.index !== index || lastFrame.type !== type) lastFrame = frameOf(index, type);
	return lastFrame;
}

function frameOf(index: number, type: string) {
	const before = `{"type":"content_block_delta","index":${index},"delta":{"type":"${type}","${FIELDS[type]}":`;
	return { index, type, before, behind: "}}" };
}

/** The `data:` text that an event arrived with. Weak: it lives as long as the event does. */
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
