import { createParser } from "eventsource-parser";
import type { Stage } from "../stage.ts";
import type { Frame } from "./frame.ts";

/**
 * Bytes of a `text/event-stream` as frames. The bytes are decoded as one stream, so that a character cut in two by the
 * network stays whole; LF, CR and CRLF line ends, a byte order mark, comments and `data:` without a space are read as
 * the standard says. A last frame without its empty line is given too: servers that close the socket at once omit it.
 *
 * Source: html.spec.whatwg.org, section 9.2 (server-sent events).
 */
export function sseFrames(): Stage<Uint8Array, Frame> {
	return (next) => {
		const decoder = new TextDecoder();
		const parser = createParser({
			onEvent: ({ event, data }) => next.push({ event, data }),
		});
		return {
			push: (bytes) => parser.feed(decoder.decode(bytes, { stream: true })),
			end() {
				parser.feed(`${decoder.decode()}\n\n`);
				next.end();
			},
		};
	};
}
