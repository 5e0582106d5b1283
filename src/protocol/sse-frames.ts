import { StringDecoder } from "node:string_decoder";
import { createParser } from "eventsource-parser";
import type { Stage } from "./stage.ts";

/** One SSE event, or a part of a JSON reply in the same form. */
export interface Frame {
	/** The `event:` name; undefined when there was none. */
	event: string | undefined;
	/** The joined `data:` lines, unparsed. */
	data: string;
}

const BYTE_ORDER_MARK = "\ufeff";

/**
 * Parses a `text/event-stream` body. The bytes are decoded as one stream, so a character that the network splits stays
 * whole. Line ends (LF, CR, CRLF), a byte order mark, comments and `data:` without a space follow the standard. A last
 * frame without its empty line counts too: servers that close the socket at once omit it.
 *
 * Source: html.spec.whatwg.org, section 9.2 (server-sent events).
 */
export function sseFrames(): Stage<Uint8Array, Frame> {
	return (next) => {
		// A streaming TextDecoder goes through ICU, which takes twice the time, and returns two bytes per character.
		const decoder = new StringDecoder("utf8");
		const parser = createParser({ onEvent: ({ event, data }) => next.push({ event, data }) });
		let isFirst = true;
		return {
			push(bytes) {
				const text = decoder.write(bytes as Buffer);
				const hasMark = isFirst && text.startsWith(BYTE_ORDER_MARK);
				isFirst &&= text === "";
				parser.feed(hasMark ? text.slice(BYTE_ORDER_MARK.length) : text);
			},
			end() {
				parser.feed(`${decoder.end()}\n\n`);
				next.end();
			},
		};
	};
}

const WHITESPACE_BYTES: readonly number[] = [0x20, 0x0a, 0x0d, 0x09];

/**
 * Whether a reply is a JSON body, a stream, or a page of HTML or XML. Providers send either where the other was requested, with any
 * `content-type`, so its first byte decides. Undefined while only whitespace has come, which some send to keep the
 * connection open.
 */
export function replyFormat(bytes: Uint8Array): "json" | "stream" | "page" | undefined {
	const first = bytes.find((byte) => !WHITESPACE_BYTES.includes(byte));
	if (first === undefined) return undefined;
	if (first === 0x3c) return "page";
	return first === 0x7b || first === 0x5b ? "json" : "stream";
}
