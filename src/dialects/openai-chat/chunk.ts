import { UpstreamFailure } from "../../upstream/failure.ts";
import type { Frame } from "../../upstream/frame.ts";
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
	const text = body.trim();
	const parsed = parseJson(text);
	if (Array.isArray(parsed)) return [...parsed.map((item) => frame(JSON.stringify(item))), frame("[DONE]")];
	if (parsed === undefined && /^(data|event|id|retry)?:/.test(text)) return streamFrames(text);
	parseChunk(frame(text));
	return [frame(text), frame("[DONE]")];
}

function streamFrames(text: string): Frame[] {
	const blocks = text.split(/\r?\n\r?\n|\r\r/);
	return blocks.flatMap((block) => {
		const lines = block.split(/\r\n|\r|\n/).filter((line) => line.startsWith("data:"));
		return lines.length === 0 ? [] : [frame(lines.map((line) => line.slice(5).replace(/^ /, "")).join("\n"))];
	});
}

function frame(data: string): Frame {
	return { event: undefined, data };
}

/** OpenAI's `error`, MiniMax's `base_resp`, and bare `{code, message}` bodies of gateways. */
function isError(chunk: Chunk): boolean {
	if (chunk.error !== undefined && chunk.error !== null) return true;
	if (chunk.base_resp?.status_code) return true;
	return chunk.choices === undefined && (chunk["code"] !== undefined || chunk["type"] === "error");
}

function parseObject(text: string): Chunk | undefined {
	const value = parseJson(text);
	return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Chunk) : undefined;
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
		return undefined;
	}
}
