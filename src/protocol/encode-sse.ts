import { deltaFrame, encodeData } from "./encode-data.ts";
import type { BlockDeltaEvent, MessageEvent } from "./events.ts";
import { deltaText, piecesOf } from "./pieces.ts";
import { rawTextOf } from "./raw-event.ts";

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
