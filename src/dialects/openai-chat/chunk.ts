import { UpstreamFailure } from "../../upstream/failure.ts";
import type { Frame } from "../../upstream/frame.ts";
import { bodyFrames, parseJson } from "../body-frames.ts";
import type { Chunk } from "./wire.ts";

/** The chunk in a frame. Throws `UpstreamFailure` for an error object and for anything that is no JSON object. */
export function parseChunk(frame: Frame): Chunk {
	const chunk = parseObject(frame.data);
	if (chunk === undefined || frame.event === "error" || isError(chunk)) throw UpstreamFailure.inReply(frame.data);
	return chunk;
}

/**
 * A reply that came as one body, as frames: a completion, a list of chunks (Gemini without `alt=sse`), or a stream
 * though none was asked for. The decoder reads a completion's `message` like a `delta`.
 */
export function framesOf(body: string): Frame[] {
	const stream = bodyFrames(body);
	if (stream) return stream;
	const text = body.trim();
	const parsed = parseJson(text);
	if (Array.isArray(parsed)) return [...parsed.map((item) => frame(JSON.stringify(item))), frame("[DONE]")];
	parseChunk(frame(text));
	return [frame(text), frame("[DONE]")];
}

function frame(data: string): Frame {
	return { event: undefined, data };
}

/** OpenAI's `error`, MiniMax's `base_resp`, and the bare `{code, message}` or `{detail}` of gateways. */
function isError(chunk: Chunk): boolean {
	if (chunk.error !== undefined && chunk.error !== null) return true;
	if (chunk.base_resp?.status_code) return true;
	if (chunk.choices !== undefined) return false;
	return chunk["type"] === "error" || ["code", "message", "detail"].some((field) => chunk[field] !== undefined);
}

function parseObject(text: string): Chunk | undefined {
	const value = parseJson(text);
	return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Chunk) : undefined;
}
