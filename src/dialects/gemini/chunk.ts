import { UpstreamFailure } from "../../upstream/failure.ts";
import type { Frame } from "../../upstream/frame.ts";
import { bodyFrames, parseJson } from "../body-frames.ts";
import type { Chunk } from "./wire.ts";

/** Fields of which a chunk has at least one. */
const FIELDS = ["candidates", "promptFeedback", "usageMetadata", "responseId", "modelVersion"];

/** The chunk in a frame. Throws `UpstreamFailure` for an error, for another protocol, and for what is no chunk. */
export function parseChunk(frame: Frame): Chunk {
	const value = parseJson(frame.data);
	if (typeof value !== "object" || value === null || Array.isArray(value)) throw UpstreamFailure.inReply(frame.data);
	const outer = value as Chunk;
	if (isPresent(outer.error) || frame.event === "error") throw UpstreamFailure.inReply(frame.data);
	if ("choices" in outer) throw chatProtocol();
	// Google's Code Assist puts each chunk into an envelope.
	const inner = outer["response"];
	const chunk = typeof inner === "object" && inner !== null ? (inner as Chunk) : outer;
	if (Object.keys(chunk).length > 0 && !FIELDS.some((field) => field in chunk))
		throw UpstreamFailure.inReply(frame.data);
	return chunk;
}

/** A reply that came as one body: a response, the list of chunks that a stream without `alt=sse` is, or a stream. */
export function framesOf(body: string): Frame[] {
	const stream = bodyFrames(body);
	if (stream) return stream;
	const text = body.trim();
	const parsed = parseJson(text);
	if (!Array.isArray(parsed) || parsed.length === 0) {
		parseChunk({ event: undefined, data: text });
		return [{ event: undefined, data: text }];
	}
	const frames = parsed.map((item) => ({ event: undefined, data: JSON.stringify(item) }));
	// An error is a list of one.
	if (frames[0]) parseChunk(frames[0]);
	return frames;
}

function isPresent(value: unknown): boolean {
	return value !== undefined && value !== null;
}

function chatProtocol(): UpstreamFailure {
	const message =
		"the endpoint answers in chat completions, not in Gemini's protocol: use it with the dialect openai-chat";
	return UpstreamFailure.inReply(JSON.stringify({ error: { type: "invalid_request_error", message } }));
}
