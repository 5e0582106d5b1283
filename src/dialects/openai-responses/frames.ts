import { asObject, isObject, type JsonObject, tryParseJson } from "../../platform/json.ts";
import type { Frame } from "../../protocol/sse-frames.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import { bodyFrames, isError, isPresent, objectIn, requireObjects } from "../frames.ts";
import type { Response, ResponseEvent } from "./wire.ts";

/** A counter, and padding that hides the length of a delta. */
export const VARYING_FIELDS = /"sequence_number":\d+|"obfuscation":"[^"\\]*"/g;

/** The event in a frame. Throws `UpstreamFailure` for an error, and for anything but a JSON object. */
export function parseFrame(frame: Frame): ResponseEvent {
	const event = objectIn(frame);
	if (isError(event, "openai-responses", frame.event)) throw UpstreamFailure.inReply(frame.data);
	requireObjects(asObject(event["response"] ?? event)["output"], frame.data);
	if (hasType(event)) return event;
	// The whole reply as the only frame of a stream.
	if (isResponse(event)) return { type: "response.completed", response: event };
	if (frame.event === undefined) throw UpstreamFailure.inReply(frame.data);
	// Some servers give the type only in the `event:` line.
	return { ...event, type: frame.event };
}

/** A response that came as one body, as the last event of a stream. An unrequested stream is read as a stream. */
export function framesOf(body: string): Frame[] {
	const stream = bodyFrames(body);
	if (stream) return stream;
	const response = tryParseJson(body.trim());
	if (!isResponse(response)) {
		parseFrame({ event: undefined, data: body.trim() });
		throw UpstreamFailure.inReply(body);
	}
	if (hasError(response)) throw failureOf(response);
	const type = response.status === "incomplete" ? "response.incomplete" : "response.completed";
	return [{ event: type, data: JSON.stringify({ type, response }) }];
}

/** The failure of a response that reports one. */
export function failureOf(response: Response | null | undefined): UpstreamFailure {
	const error = response?.error ?? { message: `the response ended as ${response?.status ?? "failed"}` };
	return UpstreamFailure.inReply(JSON.stringify({ error }));
}

function hasType(event: JsonObject): event is ResponseEvent {
	return typeof event["type"] === "string";
}

function isResponse(value: unknown): value is JsonObject & Response {
	return isObject(value) && Array.isArray(value["output"]);
}

function hasError(response: Response): boolean {
	return response.status === "failed" || response.status === "cancelled" || isPresent(response.error);
}
