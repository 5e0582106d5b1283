import { asObject } from "../../platform/json.ts";

/** Headers that tell when a limit resets, by vendor; tried in this order after Retry-After. */
const RESET_HEADERS = [
	"anthropic-ratelimit-unified-reset",
	"anthropic-ratelimit-requests-reset",
	"anthropic-ratelimit-tokens-reset",
	"anthropic-ratelimit-input-tokens-reset",
	"anthropic-ratelimit-output-tokens-reset",
	"x-ratelimit-reset-tokens-minute",
	"x-ratelimit-reset-requests-minute",
	"x-ratelimit-reset-requests",
	"x-ratelimit-reset-tokens",
	"x-ratelimit-reset",
];

/** For each of them, the header that tells what is left. */
const REMAINING_HEADERS = RESET_HEADERS.map((name) => name.replace("reset", "remaining"));

/** A number above this is no duration in seconds but a point in time (2001 in seconds, 1970 in milliseconds). */
const EPOCH_SECONDS = 1_000_000_000;
const EPOCH_MILLISECONDS = 1_000_000_000_000;

/** Beijing time has no zone in Zhipu's messages. */
const BEIJING_OFFSET = "+08:00";

/**
 * When the provider says that a retry makes sense, in seconds from `now`; undefined when it does not say.
 * Precedence: retry-after-ms, retry-after, reset headers of an exhausted limit, RetryInfo, the message's own words.
 */
export function retryHint(
	headers: Readonly<Record<string, string>>,
	message: string,
	json: Record<string, unknown> | undefined,
	now: number,
): number | undefined {
	return (
		millisecondsHeader(headers["retry-after-ms"]) ??
		parseReset(headers["retry-after"], now) ??
		resetHeader(headers, now) ??
		retryInfo(json) ??
		messageHint(message, now)
	);
}

function millisecondsHeader(value: string | undefined): number | undefined {
	const milliseconds = Number(value);
	return value !== undefined && milliseconds > 0 ? milliseconds / 1000 : undefined;
}

/**
 * A wait in seconds from any form that vendors use: `7`, `7.66s`, `2m59.56s`, `12ms`, seconds or milliseconds since
 * 1970, an HTTP or RFC 3339 date. Zero and negative values (Azure sends -1 and 0) say nothing.
 */
export function parseReset(value: string | undefined, now: number): number | undefined {
	if (value === undefined) return undefined;
	const text = value.trim();
	if (/^\d+(\.\d+)?$/.test(text)) return positive(secondsOfNumber(Number(text), now));
	const duration = parseDuration(text);
	if (duration !== undefined) return positive(duration);
	const date = Date.parse(text);
	return Number.isNaN(date) ? undefined : positive((date - now) / 1000);
}

function secondsOfNumber(number: number, now: number): number {
	if (number >= EPOCH_MILLISECONDS) return (number - now) / 1000;
	return number >= EPOCH_SECONDS ? number - now / 1000 : number;
}

function parseDuration(text: string): number | undefined {
	const match = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/.exec(text);
	if (!match || text === "") return undefined;
	const [days, hours, minutes, seconds, milliseconds] = match.slice(1).map((part) => Number(part ?? 0));
	return (days ?? 0) * 86_400 + (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0) + (milliseconds ?? 0) / 1000;
}

/**
 * Seconds until a limit that this reply has just used up is open again; undefined while there is room. Asking again
 * before would only earn a refusal.
 */
export function exhaustedFor(headers: Readonly<Record<string, string>>, now: number): number | undefined {
	for (const [index, name] of REMAINING_HEADERS.entries()) {
		if (Number(headers[name] ?? "1") > 0) continue;
		const wait = parseReset(headers[RESET_HEADERS[index] ?? ""], now);
		if (wait !== undefined) return wait;
	}
	return undefined;
}

/** The reset of a limit counts only when that limit is used up, or when no remaining count is told. */
function resetHeader(headers: Readonly<Record<string, string>>, now: number): number | undefined {
	for (const name of RESET_HEADERS) {
		const wait = parseReset(headers[name], now);
		const remaining = headers[name.replace("reset", "remaining")];
		if (wait !== undefined && (remaining === undefined || Number(remaining) <= 0)) return wait;
	}
	return undefined;
}

/** Gemini: `details[]` holds `{"@type":"…RetryInfo","retryDelay":"57.2s"}`. */
function retryInfo(json: Record<string, unknown> | undefined): number | undefined {
	const details = asObject(json?.["error"])["details"];
	if (!Array.isArray(details)) return undefined;
	const delay = details.map((detail) => asObject(detail)["retryDelay"]).find((value) => typeof value === "string");
	return typeof delay === "string" ? parseReset(delay, 0) : undefined;
}

const TIMESTAMP = /(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2})?)(Z|[+-]\d{2}:?\d{2})?/;

function messageHint(message: string, now: number): number | undefined {
	const wait =
		/(?:try again|retry|wait)(?: after| in| for)? (?:about )?(\d[\d.]*(?:ms|s|m|h)?(?:\d[\d.]*(?:ms|s))?)(?: (seconds?|minutes?|hours?))?/i.exec(
			message,
		);
	if (wait?.[1]) {
		const unit = wait[2]?.toLowerCase() ?? "";
		const factor = unit.startsWith("hour") ? 3600 : unit.startsWith("minute") ? 60 : 1;
		const seconds = parseReset(wait[1].replace(/\.$/, ""), now);
		return seconds === undefined ? undefined : seconds * factor;
	}
	if (!/reset|重置|until/i.test(message)) return undefined;
	const stamp = TIMESTAMP.exec(message);
	if (!stamp) return undefined;
	const zone = stamp[3] ?? (/[\u4e00-\u9fff]/.test(message) ? BEIJING_OFFSET : "Z");
	return positive((Date.parse(`${stamp[1]}T${stamp[2]}${zone}`) - now) / 1000);
}

function positive(seconds: number): number | undefined {
	return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}
