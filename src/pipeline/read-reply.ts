import type { Dialect } from "../dialects/dialect.ts";
import type { Note } from "../protocol/divergence.ts";
import type { MessageEvent } from "../protocol/events.ts";
import { type Frame, looksLikeJson } from "../protocol/sse-frames.ts";
import type { Sink, Stage } from "../protocol/stage.ts";
import type { TransportReply } from "../upstream/http/transport.ts";
import type { IdleWatch } from "../upstream/resilience/reply-timeouts.ts";
import { StreamReader } from "./stream-reader.ts";

/** What a reply goes through: its decoder, and the stages behind it. */
export interface ReplyLine {
	dialect: Dialect;
	decode: Stage<Frame, MessageEvent>;
	next: Sink<MessageEvent>;
}

/** Where a reply goes, as far as reading it depends on that. */
interface ReplyOutput {
	/** The last event has been passed on. */
	readonly complete: boolean;
	/** Writes what the last read brought; the promise of room for more where the client is slow. */
	flush(): true | Promise<true>;
}

interface ReadContext {
	reply: ReplyOutput;
	taps: { bytesIn(bytes: Uint8Array): void };
	note: Note;
	watch: IdleWatch;
}

/** Drives the bytes of a reply through its line, a stream or one JSON body. One read leaves as one write. */
export async function readReply(
	upstream: TransportReply,
	{ dialect, decode, next }: ReplyLine,
	{ reply, taps, note, watch }: ReadContext,
): Promise<void> {
	let stream: StreamReader | undefined;
	const whole: Uint8Array[] = [];
	const broken = await upstream.read((chunk) => {
		taps.bytesIn(chunk);
		// A JSON body may come where a stream was asked for, and the reverse: the first byte tells, not the header.
		if (!stream && whole.length === 0 && !looksLikeJson(chunk)) stream = new StreamReader(decode, next);
		if (!stream) {
			whole.push(chunk);
			return true;
		}
		stream.push(chunk);
		// The answer is complete, and leaves with its end in one write; some servers leave the socket open after it.
		if (reply.complete) return false;
		return reply.flush();
	});
	if (broken && !watch.settled) throw broken;
	if (broken) {
		// A connection that breaks after the finish reason has nothing more to say: that is its end.
		note({ kind: "open-end", where: "upstream", seen: "a finish reason without an end", done: "taken for the end" });
	}
	if (reply.complete) return;
	if (stream) {
		stream.end();
		return;
	}
	const decoder = decode(next);
	for (const frame of dialect.framesOf(Buffer.concat(whole).toString("utf8"))) decoder.push(frame);
	decoder.end();
}
