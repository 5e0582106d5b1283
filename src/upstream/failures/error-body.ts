import { asObject, tryParseJson } from "../../platform/json.ts";

/** The content of a provider's error body, independent of its form. */
export interface ProviderError {
	message: string;
	/** Codes, types and reasons, joined by spaces. */
	codes: string;
	requestId: string | undefined;
	/** The parsed body; undefined when it was not JSON. */
	json: Record<string, unknown> | undefined;
}

/** A longer message is a stack trace or a page rather than a message for a person. */
const MAX_MESSAGE_CHARS = 1500;

/**
 * Reads an error body: OpenAI and Anthropic (`error.message`), Gemini (a one-element array, `details`), DashScope
 * (`code`, `message`), MiniMax (`base_resp`), OpenRouter (`metadata.raw`), FastAPI (`detail`), HTML pages, plain text.
 */
export function readErrorBody(body: string): ProviderError {
	const parsed = tryParseJson(body.replace(/^data:\s*/, ""));
	const json = Array.isArray(parsed) ? parsed[0] : parsed;
	if (typeof json !== "object" || json === null) {
		return { message: limit(plainText(body)), codes: "", requestId: undefined, json: undefined };
	}
	const outer = asObject(json);
	const inner = asObject(outer["error"]);
	const baseResponse = asObject(outer["base_resp"]);
	const metadata = asObject(inner["metadata"]);
	const message = [
		inner["message"],
		baseResponse["status_msg"],
		outer["message"],
		outer["error"],
		outer["detail"],
		outer["msg"],
	].find((value) => value !== undefined && value !== null && value !== "");
	const codes = [
		inner["code"],
		inner["type"],
		inner["status"],
		inner["error_type"],
		outer["code"],
		outer["type"],
		baseResponse["status_code"],
		...detailCodes(inner["details"]),
	];
	return {
		message: limit([text(message ?? body), rawOf(metadata)].filter(Boolean).join(": ")),
		codes: codes.filter((code) => code !== undefined && code !== null && code !== "error").join(" "),
		requestId: [outer["request_id"], inner["request_id"]].find((id): id is string => typeof id === "string"),
		json: outer,
	};
}

/** OpenRouter says "Provider returned error"; the provider's own error is in `metadata.raw`. */
function rawOf(metadata: Record<string, unknown>): string {
	const raw = metadata["raw"];
	if (raw === undefined || raw === null || raw === "") return "";
	const name = metadata["provider_name"];
	return `${typeof name === "string" ? `${name}: ` : ""}${readErrorBody(text(raw)).message}`;
}

/** Gemini's `details`: reasons and quota ids (`RATE_LIMIT_EXCEEDED`, `…PerDay…`). */
function detailCodes(details: unknown): string[] {
	if (!Array.isArray(details)) return [];
	return details.flatMap((detail) => {
		const record = asObject(detail);
		const violations = Array.isArray(record["violations"]) ? record["violations"].map(asObject) : [];
		const codes = [record["reason"], ...violations.map((violation) => violation["quotaId"])];
		return codes.filter((code): code is string => typeof code === "string");
	});
}

function plainText(body: string): string {
	if (!/^\s*<(!doctype|html)/i.test(body)) return body.trim();
	const title = /<title[^>]*>([^<]*)<\/title>/i.exec(body)?.[1]?.trim();
	return title ? `an HTML page titled "${title}"` : "an HTML page";
}

function text(value: unknown): string {
	return typeof value === "string" ? value : JSON.stringify(value);
}

function limit(message: string): string {
	return message.length <= MAX_MESSAGE_CHARS ? message : `${message.slice(0, MAX_MESSAGE_CHARS)}…`;
}
