import type { Frame } from "../../protocol/sse-frames.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import { chunkFrames, isError, objectIn, requireObjects } from "../frames.ts";
import type { ChatChunk } from "./wire.ts";

/** The chunk in a frame. Throws `UpstreamFailure` for an error object and for anything but a JSON object. */
export function parseFrame(frame: Frame): ChatChunk {
	const chunk: ChatChunk = objectIn(frame);
	if (isError(chunk, "openai-chat", frame.event)) throw UpstreamFailure.inReply(frame.data);
	requireObjects(chunk.choices, frame.data);
	return chunk;
}

/**
 * A reply that came as one body, as frames: a completion, or its chunks. The decoder reads a completion's `message` like a
 * `delta`.
 */
export function framesOf(body: string): Frame[] {
	return [...chunkFrames(body, parseFrame), { event: undefined, data: "[DONE]" }];
}
