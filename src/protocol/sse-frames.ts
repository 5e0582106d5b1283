import { StringDecoder } from "node:string_decoder";
import { createParser } from "eventsource-parser";
import type { Stage } from "./stage.ts";

/** One SSE event as it arrived, or a piece of a JSON reply in the same form. */
export interface Frame {
	/** The `event:` name; undefined when the server sent none. */
	event: string | undefined;
	/** The joined `data:` lines, not parsed. */
	data: string;
}

const BYTE_ORDER_MARK = "\ufeff";

/**
 * Bytes of a `text/event-stream` as frames. The bytes are decoded as one stream, so that a character cut in two by the
 * network stays whole; LF, CR and CRLF line ends, a byte order mark, comments and `data:` without a space are read as
 * the standard says. A last frame without its empty line is given too: servers that close the socket at once omit it.
 *
 * Source: html.spec.whatwg.org, section 9.2 (server-sent events).
 */
export function sseFrames(): Stage<Uint8Array, Frame> {
	return (next) => sseText()(parseFrames()(next));
}

/** The text of a stream, without its byte order mark. */
export function sseText(): Stage<Uint8Array, string> {
	return (next) => {
		// A TextDecoder that streams goes through ICU: twice the time, and two bytes for every character.
		const decoder = new StringDecoder("utf8");
		let isFirst = true;
		return {
			push(bytes) {
				const text = decoder.write(bytes as Buffer);
				const hasMark = isFirst && text.startsWith(BYTE_ORDER_MARK);
				isFirst &&= text === "";
				next.push(hasMark ? text.slice(BYTE_ORDER_MARK.length) : text);
			},
			end() {
				next.push(decoder.end());
				next.end();
			},
		};
	};
}

/** The frames in the text of a stream. */
export function parseFrames(): Stage<string, Frame> {
	return (next) => {
		const parser = createParser({
			onEvent: ({ event, data }) => next.push({ event, data }),
		});
		return {
			push: (text) => parser.feed(text),
			end() {
				parser.feed("\n\n");
				next.end();
			},
		};
	};
}

/** Whether a reply is JSON where a stream may have been asked for: the first byte tells, not the header. */
export function looksLikeJson(chunk: Uint8Array): boolean {
	const first = chunk.find((byte) => byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09);
	return first === 0x7b || first === 0x5b;
}
