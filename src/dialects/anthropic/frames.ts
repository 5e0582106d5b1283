import { tryParseJson } from "../../platform/json.ts";
import { withRawText } from "../../protocol/encode-sse.ts";
import type { MessageEvent } from "../../protocol/events.ts";
import { messageEvents } from "../../protocol/message-events.ts";
import type { Message } from "../../protocol/messages.ts";
import type { Frame } from "../../protocol/sse-frames.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import { bodyFrames, isPresent, objectIn } from "../frames.ts";
import type { LooseEvent } from "./wire.ts";

/** The event in a frame. Throws `UpstreamFailure` for an error, for OpenAI's protocol, and for what is no JSON object. */
export function parseFrame(frame: Frame): LooseEvent {
	const event = objectIn(frame);
	if (isError(event)) throw UpstreamFailure.inReply(frame.data);
	if ("choices" in event) throw openAiProtocol();
	if (typeof event["type"] === "string") return withRawText(event as unknown as MessageEvent, frame.data) as LooseEvent;
	if (frame.event === undefined) throw UpstreamFailure.inReply(frame.data);
	// The type stands in the `event:` line alone.
	return { type: frame.event, ...event };
}

/** A Message that came as one body, as the frames of a stream; a stream though none was asked for is read as one. */
export function framesOf(body: string): Frame[] {
	const stream = bodyFrames(body);
	if (stream) return stream;
	const value = tryParseJson(body.trim());
	const message = value as Partial<Message> | undefined;
	if (!Array.isArray(message?.content)) {
		parseFrame({ event: undefined, data: body.trim() });
		throw UpstreamFailure.inReply(body);
	}
	return [...messageEvents(message as Message)].map((event) => ({ event: event.type, data: JSON.stringify(event) }));
}

/** Anthropic's `error`, OpenAI's, and MiniMax's `base_resp`. */
function isError(event: { [field: string]: unknown }): boolean {
	if (event["type"] === "error" || isPresent(event["error"])) return true;
	return Boolean((event["base_resp"] as { status_code?: number } | undefined)?.status_code);
}

function openAiProtocol(): UpstreamFailure {
	const message = "the endpoint answers in OpenAI's protocol, not in Anthropic's: use it with the dialect openai-chat";
	return UpstreamFailure.inReply(JSON.stringify({ error: { type: "invalid_request_error", message } }));
}
