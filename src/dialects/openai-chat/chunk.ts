import type { Frame } from "../../protocol/frame.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import { chunkFrames, isPresent, objectIn } from "../body-frames.ts";
import type { Chunk } from "./wire.ts";

/** The chunk in a frame. Throws `UpstreamFailure` for an error object and for anything that is no JSON object. */
export function parseChunk(frame: Frame): Chunk {
	const chunk: Chunk = objectIn(frame);
	if (isError(chunk)) throw UpstreamFailure.inReply(frame.data);
	return chunk;
}

/**
 * A reply that came as one body, as frames: a completion, a list of chunks (Gemini without `alt=sse`), or a stream
 * though none was asked for. The decoder reads a completion's `message` like a `delta`.
 */
export function framesOf(body: string): Frame[] {
	return [...chunkFrames(body, parseChunk), { event: undefined, data: "[DONE]" }];
}

/** OpenAI's `error`, MiniMax's `base_resp`, and the bare `{code, message}` or `{detail}` of gateways. */
function isError(chunk: Chunk): boolean {
	if (isPresent(chunk.error) || chunk.base_resp?.status_code) return true;
	if (chunk.choices !== undefined) return false;
	return chunk["type"] === "error" || ["code", "message", "detail"].some((field) => chunk[field] !== undefined);
}
