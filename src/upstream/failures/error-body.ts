import { asObject, isObject, type JsonObject, tryParseJson } from "../../platform/json.ts";

/** The content of a provider's error body, independent of its form. */
export interface ProviderError {
	message: string;
	/** Codes, types and reasons, joined by spaces. */
	codes: string;
	requestId: string | undefined;
	/** Every JSON object of the error, outermost first: the body, its `error`, details, and errors quoted inside it. */
	layers: readonly JsonObject[];
}

/** A longer message is a stack trace or a page rather than a message for a person. */
const MAX_MESSAGE_CHARS = 1500;

/** A code is a name, not a sentence: longer ones are cut. */
const MAX_CODE_CHARS = 120;

/** Longer text is not searched for quoted JSON. */
const MAX_BODY_CHARS = 200_000;

/** Bounds for the objects of one error: their number and their depth. */
const MAX_LAYERS = 40;
const MAX_DEPTH = 8;

/**
 * Fields that hold a further part of the error. `input` of a validation error is excluded: it quotes the request, and a
 * word of the conversation must never be read as the provider's.
 */
const NESTED_FIELDS = [
	"error",
	"errors",
	"response",
	"body",
	"message",
	"detail",
	"details",
	"metadata",
	"raw",
	"base_resp",
	"innererror",
	"violations",
	"fieldViolations",
	"ctx",
] as const;

const MESSAGE_FIELDS = ["message", "status_msg", "error_msg", "error", "detail", "msg", "error_message"] as const;
const CODE_FIELDS = [
	"code",
	"error_code",
	"status_code",
	"type",
	"status",
	"error_type",
	"reason",
	"quotaId",
	"quota_limit",
	"limit_source",
] as const;

/**
 * Reads an error body: OpenAI and Anthropic (`error.message`), Gemini (a one-element array, `details`), DashScope
 * (`code`, `message`), MiniMax (`base_resp`), OpenRouter (`metadata.raw`), FastAPI (`detail`), watsonx (`errors`), JSON
 * inside a message, an SSE error event, a body within an SDK's message, HTML pages, plain text.
 */
export function readErrorBody(body: string): ProviderError {
	const parsed = parseBody(body);
	const layers = collectLayers(parsed);
	const [outer] = layers;
	if (!outer) {
		const text = typeof parsed === "string" ? parsed : body;
		return { message: limit(plainText(text)), codes: "", requestId: undefined, layers };
	}
	const codes = layers.flatMap((layer) => CODE_FIELDS.map((name) => layer[name]));
	const isCode = (code: unknown) => (typeof code === "string" || typeof code === "number") && code !== "error";
	const requestId = layers
		.map((layer) => layer["request_id"])
		.find((id): id is string => typeof id === "string" && id !== "");
	return {
		message: limit(messageOf(outer, 0) ?? body),
		codes: [...new Set(codes.filter(isCode).map((code) => String(code).slice(0, MAX_CODE_CHARS)))].join(" "),
		requestId,
		layers,
	};
}

/** The JSON of a body: the whole body, the data of an SSE event, or the part from the first brace to the last. */
function parseBody(body: string): unknown {
	const whole = tryParseJson(body);
	if (whole !== undefined) return typeof whole === "string" ? (parseQuoted(whole) ?? whole) : whole;
	const data = /^data:\s*(.*)$/m.exec(body)?.[1];
	const event = data === undefined ? undefined : tryParseJson(data);
	if (event !== undefined) return event;
	if (body.length > MAX_BODY_CHARS || /^\s*</.test(body)) return undefined;
	return parseQuoted(body);
}

/** An error body inside text: `400 {"error":…}`, `BedrockException - b'{"message":…}'`. */
function parseQuoted(text: string): unknown {
	const [start, end] = [text.indexOf('{"'), text.lastIndexOf("}")];
	const spaced = start < 0 ? /\{\s+"/.exec(text)?.index : start;
	if (spaced === undefined || end < spaced) return undefined;
	const parsed = tryParseJson(text.slice(spaced, end + 1));
	return isObject(parsed) && [...MESSAGE_FIELDS, "code"].some((name) => name in parsed) ? parsed : undefined;
}

function collectLayers(parsed: unknown): JsonObject[] {
	const layers: JsonObject[] = [];
	const visit = (value: unknown, depth: number): void => {
		if (depth > MAX_DEPTH || layers.length >= MAX_LAYERS) return;
		if (Array.isArray(value)) for (const item of value.slice(0, MAX_LAYERS)) visit(item, depth + 1);
		else if (typeof value === "string") visitQuoted(value, depth);
		else if (isObject(value)) {
			layers.push(value);
			for (const name of NESTED_FIELDS) if (Object.hasOwn(value, name)) visit(value[name], depth + 1);
		}
	};
	const visitQuoted = (value: string, depth: number): void => {
		const quoted = value.includes("{") ? parseQuoted(value) : undefined;
		if (quoted !== undefined) visit(quoted, depth + 1);
	};
	if (isObject(parsed) || Array.isArray(parsed)) visit(parsed, 0);
	return layers;
}

/** The message of one object, followed by that of the error it wraps. */
function messageOf(layer: JsonObject, depth: number): string | undefined {
	if (depth > MAX_DEPTH) return undefined;
	const inner = layer["error"] ?? layer["base_resp"] ?? asObject(layer["response"])["error"];
	const own = isObject(inner) ? messageOf(inner, depth + 1) : undefined;
	const found = own ?? MESSAGE_FIELDS.map((name) => wordsOf(layer[name], depth)).find(Boolean);
	const listed = found ?? wordsOf(layer["errors"], depth);
	const { param } = layer;
	// The message is "Param Incorrect", and the explanation is in `param`.
	const words = typeof param === "string" && /\s\S+\s/.test(param) ? [listed, param] : [listed];
	return [...words, rawOf(asObject(layer["metadata"]), depth)].filter(Boolean).join(": ") || undefined;
}

function wordsOf(value: unknown, depth: number): string | undefined {
	if (typeof value === "string") {
		const quoted = value.includes("{") ? parseQuoted(value) : undefined;
		return (isObject(quoted) && messageOf(quoted, depth + 1)) || value;
	}
	if (isObject(value)) return messageOf(value, depth + 1) ?? JSON.stringify(value);
	if (!Array.isArray(value)) return undefined;
	const items = value.slice(0, MAX_LAYERS).map((item) => wordsOf(itemWords(item), depth + 1));
	return items.filter(Boolean).join("; ") || undefined;
}

/** An item of FastAPI's `detail` in one line: `body.tools: Extra inputs are not permitted`. */
function itemWords(item: unknown): unknown {
	const { loc, msg } = asObject(item);
	return Array.isArray(loc) && typeof msg === "string" ? `${loc.join(".")}: ${msg}` : item;
}

/** OpenRouter says "Provider returned error"; the provider's own error is in `metadata.raw`. */
function rawOf(metadata: JsonObject, depth: number): string | undefined {
	const { raw, provider_name: name } = metadata;
	if (raw === undefined || raw === null || raw === "") return undefined;
	const nested = isObject(raw) && isObject(raw["body"]) ? raw["body"] : raw;
	const words = wordsOf(nested, depth + 1);
	return words && (typeof name === "string" && name ? `${name}: ${words}` : words);
}

function plainText(body: string): string {
	if (!/^\s*<(?:!doctype|html|!--|\?xml)/i.test(body) || !/<(?:!doctype html|html)\b/i.test(body.slice(0, 2000)))
		return body.trim();
	const title = /<title[^>]{0,200}>([^<]{0,500})<\/title>/i.exec(body)?.[1]?.replace(/\s+/g, " ").trim();
	return title ? `an HTML page titled "${title}"` : "an HTML page";
}

function limit(message: string): string {
	return message.length <= MAX_MESSAGE_CHARS ? message : `${message.slice(0, MAX_MESSAGE_CHARS)}…`;
}
