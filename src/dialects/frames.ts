import { asObject, isObject, type JsonObject, tryParseJson } from "../platform/json.ts";
import type { DialectName } from "../profile/model/quirks.ts";
import type { Frame } from "../protocol/sse-frames.ts";
import { UpstreamFailure } from "../upstream/failures/failure.ts";
import { wireOf } from "./wire-of.ts";

/** Fields of an error without an envelope. */
const BARE_ERROR_FIELDS = ["code", "error_code", "message", "detail", "error_msg", "error_message"];

/**
 * The frames of a body that came in pieces, whatever its content type says: an event stream, a list (Gemini without
 * `alt=sse`), or a line of JSON for each chunk. Undefined for anything else.
 */
export function bodyFrames(body: string): Frame[] | undefined {
	const text = body.trim();
	if (/^(data|event|id|retry)?:/.test(text)) return eventFrames(text);
	return chunksIn(text)?.map((chunk) => ({ event: undefined, data: JSON.stringify(chunk) }));
}

function eventFrames(text: string): Frame[] {
	return text.split(/\r?\n\r?\n|\r\r/).flatMap((block) => {
		const lines = block.split(/\r\n|\r|\n/);
		const data = fieldValues(lines, "data:");
		return data.length === 0 ? [] : [{ event: fieldValues(lines, "event:").at(-1), data: data.join("\n") }];
	});
}

function chunksIn(text: string): unknown[] | undefined {
	const whole = tryParseJson(text);
	if (Array.isArray(whole) && whole.length > 0) return whole;
	if (whole !== undefined) return undefined;
	const lines = text.split("\n").filter((line) => line.trim() !== "");
	const chunks = lines.map(tryParseJson);
	return chunks.length > 0 && chunks.every(isObject) ? chunks : undefined;
}

function fieldValues(lines: readonly string[], field: string): string[] {
	return lines.filter((line) => line.startsWith(field)).map((line) => line.slice(field.length).replace(/^ /, ""));
}

/** The frames of a reply that is no stream. `parse` throws for a body that is not a reply: an object, or a list of one. */
export function chunkFrames(body: string, parse: (frame: Frame) => unknown): Frame[] {
	const frames = bodyFrames(body) ?? [{ event: undefined, data: body.trim() }];
	if (frames[0]) parse(frames[0]);
	return frames;
}

/** The JSON object in a frame. Throws `UpstreamFailure` for anything else, and for an `error` event. */
export function objectIn(frame: Frame): JsonObject {
	const value = tryParseJson(frame.data);
	if (!isObject(value) || frame.event === "error") throw UpstreamFailure.inReply(frame.data);
	return value;
}

/** Throws for a list of something else than objects: what the reply says cannot be read. Null is no list. */
export function requireObjects(list: unknown, data: string): void {
	const isReadable = list === undefined || list === null || (Array.isArray(list) && list.every(isObject));
	if (!isReadable) throw UpstreamFailure.inReply(data);
}

/** Whether a field says something: some servers send `"error": null` or `""` with every chunk. */
export function isPresent(value: unknown): boolean {
	return value !== undefined && value !== null && value !== "" && value !== false;
}

/**
 * Whether an object is an error and no part of a reply: `error` (OpenAI, Google, Anthropic), `errors` (Cloudflare), MiniMax's
 * `base_resp`, and the bare `{code, message}` or `{detail}` of gateways. A `type` that is none of an error may have a message.
 */
export function isError(value: JsonObject, expected: DialectName, event?: string): boolean {
	const { type, errors } = value;
	if (Array.isArray(errors) && errors.length > 0) return true;
	if (type === "error" || isPresent(value["error"]) || isPresent(asObject(value["x_groq"])["error"])) return true;
	if (isPresent(asObject(value["base_resp"])["status_code"]) && asObject(value["base_resp"])["status_code"] !== 0)
		return true;
	if (wireOf(value, expected, event) !== undefined) return false;
	const names = typeof type === "string" && !/error|exception|fail/i.test(type) ? ["detail"] : BARE_ERROR_FIELDS;
	return names.some((name) => isPresent(value[name]));
}
