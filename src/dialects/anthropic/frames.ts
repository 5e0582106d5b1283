import { asObject, isObject, type JsonObject, tryParseJson } from "../../platform/json.ts";
import { rememberRawText } from "../../protocol/encode-sse.ts";
import { messageEvents } from "../../protocol/message-events.ts";
import type { Message } from "../../protocol/messages.ts";
import type { Frame } from "../../protocol/sse-frames.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import { bodyFrames, isPresent, objectIn } from "../frames.ts";
import { type LooseEvent, trusted } from "./wire.ts";

/** The event in a frame. Throws `UpstreamFailure` for an error, for OpenAI's protocol, and for anything but a JSON object. */
export function parseFrame(frame: Frame): LooseEvent {
	const event = objectIn(frame);
	if (isError(event)) throw UpstreamFailure.inReply(frame.data);
	if ("choices" in event) throw openAiProtocol();
	if (hasType(event)) {
		rememberRawText(trusted(event), frame.data);
		return event;
	}
	if (frame.event === undefined) throw UpstreamFailure.inReply(frame.data);
	// Some endpoints give the type only in the `event:` line.
	return { type: frame.event, ...event };
}

/** A Message that came as one body, as the frames of a stream. An unrequested stream is read as a stream. */
export function framesOf(body: string): Frame[] {
	const stream = bodyFrames(body);
	if (stream) return stream;
	const message = tryParseJson(body.trim());
	if (!isMessage(message)) {
		parseFrame({ event: undefined, data: body.trim() });
		throw UpstreamFailure.inReply(body);
	}
	return [...messageEvents(message)].map((event) => ({ event: event.type, data: JSON.stringify(event) }));
}

function hasType(event: JsonObject): event is LooseEvent {
	return typeof event["type"] === "string";
}

function isMessage(value: unknown): value is Message {
	return isObject(value) && Array.isArray(value["content"]);
}

/** Anthropic's `error`, OpenAI's, and MiniMax's `base_resp`. */
function isError(event: JsonObject): boolean {
	if (event["type"] === "error" || isPresent(event["error"])) return true;
	return Boolean(asObject(event["base_resp"])["status_code"]);
}

function openAiProtocol(): UpstreamFailure {
	const message = "the endpoint answers in OpenAI's protocol, not in Anthropic's: use it with the dialect openai-chat";
	return UpstreamFailure.inReply(JSON.stringify({ error: { type: "invalid_request_error", message } }));
}
