import { asObject, isObject, type JsonObject } from "../platform/json.ts";
import type { DialectName } from "../profile/model/quirks.ts";

const MESSAGE_EVENTS = /^(message_(start|delta|stop)|content_block_(start|delta|stop))$/;

/**
 * What identifies a reply, or a frame of its stream, as one of a wire format: fields and types that no other format has.
 * `type` is the frame's `event:` line if the object has none.
 */
const SIGNS: Readonly<Record<DialectName, (value: JsonObject, type: string) => boolean>> = {
	// `event: message` is the name of any event without one.
	anthropic: (value, type) =>
		MESSAGE_EVENTS.test(type) || value["type"] === "message" || Array.isArray(value["content"]),
	"openai-chat": (value) => Array.isArray(value["choices"]) || startsWith(value["object"], "chat.completion"),
	"openai-responses": (value, type) =>
		type.startsWith("response.") || value["object"] === "response" || Array.isArray(value["output"]),
	// Google's Code Assist wraps each chunk in an envelope.
	gemini: (value) => isGemini(value) || isGemini(asObject(value["response"])),
};

const NAMES = Object.keys(SIGNS) as DialectName[];
const GEMINI_FIELDS = ["candidates", "promptFeedback", "usageMetadata", "modelVersion", "responseId"];

/**
 * The wire format of a reply or of one frame of its stream; undefined for what has no sign of any: an error, a keep-alive.
 * Where one object has signs of several formats, the `expected` one counts.
 */
export function wireOf(value: unknown, expected: DialectName, event?: string): DialectName | undefined {
	if (!isObject(value)) return undefined;
	const type = typeof value["type"] === "string" ? value["type"] : (event ?? "");
	return [expected, ...NAMES].find((name) => SIGNS[name](value, type));
}

function isGemini(value: JsonObject): boolean {
	return GEMINI_FIELDS.some((field) => field in value);
}

function startsWith(value: unknown, start: string): boolean {
	return typeof value === "string" && value.startsWith(start);
}
