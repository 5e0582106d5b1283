import { describe, test } from "vitest";
import { DIALECTS } from "../../src/profile/model/dialect-names.ts";
import { expectTurn, readBody } from "../support/read-turn.ts";
import { SAMPLE_TURNS, type WireFrame, WRITERS } from "../support/wire-replies.ts";

const dataOf = ({ data }: WireFrame) => (typeof data === "string" ? data : JSON.stringify(data));
const sse = (frames: readonly WireFrame[], before = "") =>
	frames.map((frame) => `${before}${frame.event ? `event: ${frame.event}\n` : ""}data: ${dataOf(frame)}\n\n`).join("");

/** Ways to write a stream that servers and proxies have. */
const STREAM_FORMS: Readonly<Record<string, (frames: readonly WireFrame[]) => string>> = {
	plain: (frames) => sse(frames),
	"CR LF": (frames) => sse(frames).replaceAll("\n", "\r\n"),
	CR: (frames) => sse(frames).replaceAll("\n", "\r"),
	"a byte order mark": (frames) => `\ufeff${sse(frames)}`,
	"comments between": (frames) => `\n\n${sse(frames, ": keep-alive\n\n")}`,
	"pings between": (frames) => sse(frames, 'event: ping\ndata: {"type": "ping"}\n\n'),
	"empty data between": (frames) => sse(frames, "data: \n\n"),
	"no blank after the colon": (frames) => sse(frames).replace(/^(data|event): /gm, "$1:"),
	"no event lines": (frames) => sse(frames).replace(/^event: .*\n/gm, ""),
	"the default event name": (frames) => sse(frames.map(({ data }) => ({ event: "message", data }))),
	"ids and retry": (frames) => sse(frames, "id: 7\nretry: 100\n"),
	"no last blank line": (frames) => sse(frames).trimEnd(),
	"no [DONE]": (frames) => sse(frames.filter(({ data }) => data !== "[DONE]")),
	"[DONE] at the end": (frames) => sse([...frames.filter(({ data }) => data !== "[DONE]"), { data: "[DONE]" }]),
	"data over several lines": (frames) =>
		frames
			.map(({ data }) => `${typeof data === "string" ? data : JSON.stringify(data, null, 1)}`)
			.map((data) => `${data.replace(/^/gm, "data: ")}\n\n`)
			.join(""),
	"a JSON line for each chunk": (frames) =>
		frames.flatMap(({ data }) => (data === "[DONE]" ? [] : [`${JSON.stringify(data)}\n`])).join(""),
	"a list of the chunks": (frames) => JSON.stringify(frames.flatMap(({ data }) => (data === "[DONE]" ? [] : [data]))),
};

/** Ways to write a reply that comes whole. */
const JSON_FORMS: Readonly<Record<string, (reply: object) => string>> = {
	json: (reply) => JSON.stringify(reply),
	"json in many lines": (reply) => `${JSON.stringify(reply, null, 2)}\n`,
	"json after white space": (reply) => `\r\n\r\n  ${JSON.stringify(reply)}`,
	"json after comments": (reply) => `: processing\n\n: processing\n\n${JSON.stringify(reply)}`,
	"json after a byte order mark": (reply) => `\ufeff${JSON.stringify(reply)}`,
	"json in one frame": (reply) => `data: ${JSON.stringify(reply)}\n\n`,
	"json in one frame and [DONE]": (reply) => `data: ${JSON.stringify(reply)}\n\ndata: [DONE]\n\n`,
	"json in an envelope": (reply) => JSON.stringify({ success: true, data: reply, message: "ok" }),
	"json in a list": (reply) => JSON.stringify([reply]),
};

/** Forms that the network could cut in the middle of. */
const isCut = (form: string) => ["CR LF", "a byte order mark", "data over several lines"].includes(form);

describe.each(DIALECTS)("a reply in the wire format %s", (wire) => {
	describe.each(DIALECTS)("at an endpoint of %s", (dialect) => {
		test.each(Object.keys(STREAM_FORMS))("stream: %s", (form) => {
			for (const turn of SAMPLE_TURNS) {
				const body = STREAM_FORMS[form]?.(WRITERS[wire].stream(turn)) ?? "";
				expectTurn(readBody(dialect, body, isCut(form) ? 7 : body.length * 4), turn);
			}
		});

		test.each(Object.keys(JSON_FORMS))("%s", (form) => {
			for (const turn of SAMPLE_TURNS) {
				const body = JSON_FORMS[form]?.(WRITERS[wire].json(turn)) ?? "";
				expectTurn(readBody(dialect, body, body.length * 4), turn);
			}
		});
	});
});
