import type { Frame } from "../../protocol/sse-frames.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import { chatProtocol, chunkFrames, isPresent, objectIn } from "../frames.ts";
import type { GeminiChunk } from "./wire.ts";

/** Fields of which a chunk has at least one. */
const FIELDS = ["candidates", "promptFeedback", "usageMetadata", "responseId", "modelVersion"];

/** The chunk in a frame. Throws `UpstreamFailure` for an error, for another protocol, and for what is no chunk. */
export function parseFrame(frame: Frame): GeminiChunk {
	const outer: GeminiChunk = objectIn(frame);
	if (isPresent(outer.error)) throw UpstreamFailure.inReply(frame.data);
	if ("choices" in outer) throw chatProtocol("Gemini's protocol");
	// Google's Code Assist puts each chunk into an envelope.
	const inner = outer["response"];
	const chunk = typeof inner === "object" && inner !== null ? (inner as GeminiChunk) : outer;
	if (Object.keys(chunk).length > 0 && !FIELDS.some((field) => field in chunk))
		throw UpstreamFailure.inReply(frame.data);
	return chunk;
}

/** A reply that came as one body: a response, the list of chunks that a stream without `alt=sse` is, or a stream. */
export function framesOf(body: string): Frame[] {
	return chunkFrames(body, parseFrame);
}
