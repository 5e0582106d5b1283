import { asObject } from "../../platform/json.ts";

/** Headers with the time at which a limit resets, in the order in which they are tried. */
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

/** Larger numbers are points in time, in seconds or milliseconds since 1970; smaller ones are durations in seconds. */
const MIN_EPOCH_SECONDS = 1_000_000_000;
const MIN_EPOCH_MS = 1_000_000_000_000;

/** Zhipu's messages contain Beijing time without a time zone. */
const BEIJING_OFFSET = "+08:00";

/**
 * Seconds from `now` after which the provider suggests to retry; undefined when it does not say. In this order:
 * retry-after-ms, retry-after, the reset of an exhausted limit, Gemini's RetryInfo, the text of the message.
 */
export function retryHint(
	headers: Readonly<Record<string, string>>,
	message: string,
	json: Record<string, unknown> | undefined,
	now: number,
): number | undefined {
	return (
		retryAfterMs(headers["retry-after-ms"]) ??
		parseReset(headers["retry-after"], now) ??
		resetHeader(headers, now, (remaining) => remaining === undefined || Number(remaining) <= 0) ??
		retryInfo(json) ??
		messageHint(message, now)
	);
}

function retryAfterMs(value: string | undefined): number | undefined {
	const milliseconds = Number(value);
	return value !== undefined && milliseconds > 0 ? milliseconds / 1000 : undefined;
}

/**
 * The wait in seconds from each form that providers use: `7`, `7.66s`, `2m59.56s`, `12ms`, seconds or milliseconds since
 * 1970, an HTTP or RFC 3339 date. Undefined for zero and negative values, which Azure sends.
 */
function parseReset(value: string | undefined, now: number): number | undefined {
	if (value === undefined) return undefined;
	const text = value.trim();
	if (/^\d+(\.\d+)?$/.test(text)) return positive(secondsOfNumber(Number(text), now));
	const duration = parseDuration(text);
	if (duration !== undefined) return positive(duration);
	const date = Date.parse(text);
	return Number.isNaN(date) ? undefined : positive((date - now) / 1000);
}

function secondsOfNumber(number: number, now: number): number {
	if (number >= MIN_EPOCH_MS) return (number - now) / 1000;
	return number >= MIN_EPOCH_SECONDS ? number - now / 1000 : number;
}

function parseDuration(text: string): number | undefined {
	const match = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/.exec(text);
	if (!match || text === "") return undefined;
	const [days, hours, minutes, seconds, milliseconds] = match.slice(1).map((part) => Number(part ?? 0));
	return (days ?? 0) * 86_400 + (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0) + (milliseconds ?? 0) / 1000;
}

/** Seconds until a limit resets that the headers of a good reply report as used up; undefined when none is. */
export function exhaustedFor(headers: Readonly<Record<string, string>>, now: number): number | undefined {
	return resetHeader(headers, now, (remaining) => remaining !== undefined && Number(remaining) <= 0);
}

/** The first reset time of a limit whose remaining count, where the headers state one, passes the test. */
function resetHeader(
	headers: Readonly<Record<string, string>>,
	now: number,
	isExhausted: (remaining: string | undefined) => boolean,
): number | undefined {
	for (const name of RESET_HEADERS) {
		const wait = parseReset(headers[name], now);
		if (wait !== undefined && isExhausted(headers[name.replace("reset", "remaining")])) return wait;
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

/** "try again in 7.66s", "wait 2 minutes", or a time after "reset", "重置" or "until". */
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
