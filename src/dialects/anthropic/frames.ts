import { isObject, tryParseJson } from "../../platform/json.ts";
import { rememberRawText } from "../../protocol/encode-sse.ts";
import { messageEvents } from "../../protocol/message-events.ts";
import type { Message } from "../../protocol/messages.ts";
import type { Frame } from "../../protocol/sse-frames.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import { bodyFrames, isError, objectIn } from "../frames.ts";
import { documentedBlock } from "./block-form.ts";
import { separateChatFields } from "./chat-fields.ts";
import { type LooseEvent, trusted } from "./wire.ts";

/** The event in a frame. Throws `UpstreamFailure` for an error, and for anything but a JSON object. */
export function parseFrame(frame: Frame): LooseEvent {
	const event = objectIn(frame);
	if (isError(event, "anthropic", frame.event)) throw UpstreamFailure.inReply(frame.data);
	if (hasType(event)) {
		requireFields(event, frame.data);
		if (event.type !== "content_block_delta" || isObject(event.delta)) rememberRawText(trusted(event), frame.data);
		return event;
	}
	// Some endpoints give the type only in the `event:` line; chat completions have none.
	if (frame.event !== undefined || Array.isArray(event["choices"])) return { type: frame.event ?? "", ...event };
	throw UpstreamFailure.inReply(frame.data);
}

/** The field that an event of each type is about. With something else in it, the event cannot be read. */
const SUBJECTS: Readonly<Record<string, string>> = {
	message_start: "message",
	content_block_start: "content_block",
	content_block_delta: "delta",
	message_delta: "delta",
};

function requireFields(event: LooseEvent, data: string): void {
	const subject = SUBJECTS[event.type];
	const value = subject === undefined ? undefined : event[subject];
	// Some endpoints send a text in place of a block or a delta.
	const isReadable = isObject(value) || (typeof value === "string" && event.type.startsWith("content_block"));
	if (value !== undefined && value !== null && !isReadable) throw UpstreamFailure.inReply(data);
}

/** A Message that came as one body, as the frames of a stream. An unrequested stream is read as a stream. */
export function framesOf(body: string): Frame[] {
	const stream = bodyFrames(body);
	if (stream) return stream;
	const message = tryParseJson(body.trim());
	if (!isObject(message) || isError(message, "anthropic")) throw UpstreamFailure.inReply(body);
	const events = isDocumented(message) ? [...messageEvents(message)] : looseEvents(message);
	return events.map((event) => ({ event: event.type, data: JSON.stringify(event) }));
}

/** The decoder reads the content of message_start block by block. */
function looseEvents(message: { [field: string]: unknown }): LooseEvent[] {
	const { stop_reason, stop_sequence = null, usage } = message;
	return [
		{ type: "message_start", message },
		{ type: "message_delta", delta: { stop_reason, stop_sequence }, usage },
		{ type: "message_stop" },
	];
}

function hasType(event: { [field: string]: unknown }): event is LooseEvent {
	return typeof event["type"] === "string";
}

function isDocumented(message: { [field: string]: unknown }): message is { [field: string]: unknown } & Message {
	const { content } = message;
	if (!Array.isArray(content) || separateChatFields({ type: "message_start", message }).parts.length > 0) return false;
	return content.every(
		(block) => documentedBlock(block) === block && (!("input" in block) || isObject(block["input"])),
	);
}
