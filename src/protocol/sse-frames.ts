import { StringDecoder } from "node:string_decoder";
import { createParser } from "eventsource-parser";
import { isObject, tryParseJson } from "../platform/json.ts";
import type { Sink, Stage } from "./stage.ts";

/** One SSE event, or a part of a JSON reply in the same form. */
export interface Frame {
	/** The `event:` name; undefined when there was none. */
	event: string | undefined;
	/** The joined `data:` lines, unparsed. */
	data: string;
}

/** The most that is kept of JSON between the events, and how often it is tried whether it is complete. */
const MAX_STRAY_CHARS = 64 * 1024;
const MAX_STRAY_ATTEMPTS = 100;

/**
 * JSON between the events of a stream, without `data:`: servers write an error that way when the stream has begun
 * (Vertex AI). It becomes a frame once it is complete.
 */
class StrayJson {
	readonly #next: Sink<Frame>;
	#text = "";
	#attempts = 0;

	constructor(next: Sink<Frame>) {
		this.#next = next;
	}

	push(line: string): void {
		if (this.#text === "" && !/^\s*[{[]/.test(line)) return;
		if (this.#text.length > MAX_STRAY_CHARS || this.#attempts >= MAX_STRAY_ATTEMPTS) return;
		this.#text += `${line}\n`;
		if (!/[}\]]\s*$/.test(line)) return;
		this.#attempts++;
		if (tryParseJson(this.#text) === undefined) return;
		const data = this.#text.trim();
		this.#text = "";
		this.#next.push({ event: undefined, data });
	}
}

/** The events in a text of several `data:` lines: some servers omit the empty line, so that each line is an event. */
function withoutBlankLines(data: string): readonly string[] {
	if (!data.includes("\n") || tryParseJson(data) !== undefined) return [data];
	const lines = data.split("\n");
	return lines.every((line) => line === "[DONE]" || isObject(tryParseJson(line))) ? lines : [data];
}

/** Longest event of a stream: a whole reply may come as one, with a large file in a call. */
const MAX_EVENT_CHARS = 16 * 1024 * 1024;

const BYTE_ORDER_MARK = "\ufeff";

/**
 * Parses a `text/event-stream` body. The bytes are decoded as one stream, so a character that the network splits stays
 * whole. Line ends (LF, CR, CRLF), a byte order mark, comments and `data:` without a space follow the standard. A last
 * frame without its empty line counts too: servers that close the socket at once omit it. `onTooLong` is called once for an
 * event without an end, and nothing more may be pushed.
 *
 * Source: html.spec.whatwg.org, section 9.2 (server-sent events).
 */
export function sseFrames(onTooLong: (maxChars: number) => void = () => {}): Stage<Uint8Array, Frame> {
	return (next) => {
		// A streaming TextDecoder goes through ICU, which takes twice the time, and returns two bytes per character.
		const decoder = new StringDecoder("utf8");
		const stray = new StrayJson(next);
		const parser = createParser({
			maxBufferSize: MAX_EVENT_CHARS,
			onEvent({ event, data }) {
				for (const part of withoutBlankLines(data)) next.push({ event, data: part });
			},
			onError: ({ type, field, value, line }) => {
				// llama.cpp: `server_sent_event(sink, "error", error_data)` writes `error: {"code":500,…}` (tools/server/server.cpp).
				if (type === "unknown-field" && field === "error") stray.push(value ?? "");
				else if (type === "unknown-field" && line !== undefined) stray.push(line);
				else if (type === "max-buffer-size-exceeded") onTooLong(MAX_EVENT_CHARS);
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

/** White space and the bytes of a byte order mark. */
const BLANK_BYTES = new Set([...Buffer.from(" \t\r\n\v\f\ufeff")]);
const [LF, CR, COLON] = Buffer.from("\n\r:");

/**
 * Decides whether a reply is a JSON body, a stream, or a page of HTML or XML. Providers send either when the other was
 * requested, with any `content-type`, so its first character decides. `format` is undefined while only white space and
 * comments have come.
 */
export class FormatDetector {
	format: "json" | "stream" | "page" | undefined;
	#isInComment = false;

	/**
	 * The bytes that can be read now: those from the first character on. Before it are white space and comments, which some
	 * servers send to keep the connection open, before a JSON body too.
	 */
	read(bytes: Uint8Array): Uint8Array {
		if (this.format !== undefined) return bytes;
		const start = bytes.findIndex((byte) => this.#isContent(byte));
		if (start < 0) return new Uint8Array();
		const content = bytes.subarray(start);
		this.format = formatOf(String.fromCharCode(content[0] ?? 0));
		return content;
	}

	#isContent(byte: number): boolean {
		if (this.#isInComment) {
			this.#isInComment = byte !== LF && byte !== CR;
			return false;
		}
		this.#isInComment = byte === COLON;
		return !this.#isInComment && !BLANK_BYTES.has(byte);
	}
}

function formatOf(first: string): "json" | "stream" | "page" {
	if (first === "<") return "page";
	return first === "{" || first === "[" ? "json" : "stream";
}

/** The format of a whole reply. */
export function replyFormat(bytes: Uint8Array): FormatDetector["format"] {
	const detector = new FormatDetector();
	detector.read(bytes);
	return detector.format;
}
