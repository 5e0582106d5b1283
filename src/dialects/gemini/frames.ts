import { isObject } from "../../platform/json.ts";
import type { Frame } from "../../protocol/sse-frames.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import { chunkFrames, isError, objectIn, requireObjects } from "../frames.ts";
import type { GeminiChunk } from "./wire.ts";

/** A chunk has at least one of these fields. */
const CHUNK_FIELDS = ["candidates", "promptFeedback", "usageMetadata", "responseId", "modelVersion"];

/** The chunk in a frame. Throws `UpstreamFailure` for an error, and for anything but a chunk. */
export function parseFrame(frame: Frame): GeminiChunk {
	const outer: GeminiChunk = objectIn(frame);
	if (isError(outer, "gemini", frame.event)) throw UpstreamFailure.inReply(frame.data);
	// Google's Code Assist wraps each chunk in an envelope.
	const inner = outer["response"];
	const chunk: GeminiChunk = isObject(inner) ? inner : outer;
	const isKeepAlive = Object.keys(chunk).length === 0 || chunk["type"] === "ping";
	if (!isKeepAlive && !CHUNK_FIELDS.some((field) => field in chunk)) throw UpstreamFailure.inReply(frame.data);
	requireObjects(chunk.candidates, frame.data);
	return chunk;
}

/** A reply that came as one body: a response, or its chunks. */
export function framesOf(body: string): Frame[] {
	return chunkFrames(body, parseFrame);
}
