import { StringDecoder } from "node:string_decoder";
import { createParser } from "eventsource-parser";
import { tryParseJson } from "../platform/json.ts";
import type { Sink, Stage } from "./stage.ts";

/** One SSE event, or a part of a JSON reply in the same form. */
export interface Frame {
	/** The `event:` name; undefined when there was none. */
	event: string | undefined;
	/** The joined `data:` lines, unparsed. */
	data: string;
}

/**
 * JSON between the events of a stream, without `data:`: servers write an error that way when the stream has begun
 * (Vertex AI). It becomes a frame once it is complete.
 */
class StrayJson {
	readonly #next: Sink<Frame>;
	#text = "";

	constructor(next: Sink<Frame>) {
		this.#next = next;
	}

	push(line: string): void {
		if (this.#text === "" && !/^\s*[{[]/.test(line)) return;
		this.#text += `${line}\n`;
		if (!/[}\]]\s*$/.test(line) || tryParseJson(this.#text) === undefined) return;
		const data = this.#text.trim();
		this.#text = "";
		this.#next.push({ event: undefined, data });
	}
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
		const stray = new StrayJson(next);
		const parser = createParser({
			onEvent: ({ event, data }) => next.push({ event, data }),
			onError: ({ type, line }) => {
				if (type === "unknown-field" && line !== undefined) stray.push(line);
			},
		});
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

/** White space and comments: some servers send them to keep the connection open, before a JSON body too. */
const KEEP_ALIVE = /^(?:\ufeff|\s|:[^\r\n]*[\r\n])+/;

/**
 * Decides whether a reply is a JSON body, a stream, or a page of HTML or XML. Providers send either where the other was requested, with any
 * `content-type`, so its first character decides. `format` is undefined while only white space and comments have come.
 */
export class FormatDetector {
	format: "json" | "stream" | "page" | undefined;
	#start: Uint8Array = new Uint8Array();

	/** The bytes that can be read now. Those before the first character of a JSON body are left out. */
	read(bytes: Uint8Array): Uint8Array {
		if (this.format !== undefined) return bytes;
		this.#start = this.#start.length === 0 ? bytes : Buffer.concat([this.#start, bytes]);
		const text = Buffer.from(this.#start).toString("utf8");
		const content = text.replace(KEEP_ALIVE, "");
		// The rest may be the beginning of a comment.
		if (content === "" || content.startsWith(":")) return new Uint8Array();
		this.format = formatOf(content);
		return this.format === "json"
			? this.#start.subarray(Buffer.byteLength(text) - Buffer.byteLength(content))
			: this.#start;
	}
}

function formatOf(content: string): "json" | "stream" | "page" {
	if (content.startsWith("<")) return "page";
	return /^[{[]/.test(content) ? "json" : "stream";
}

/** The format of a whole reply. */
export function replyFormat(bytes: Uint8Array): FormatDetector["format"] {
	const detector = new FormatDetector();
	detector.read(bytes);
	return detector.format;
}
