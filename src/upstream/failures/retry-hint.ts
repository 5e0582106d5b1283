import { asObject } from "../../platform/json.ts";

type Headers = Readonly<Record<string, string>>;
type Layers = readonly Readonly<Record<string, unknown>>[];

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
	"ratelimit-reset",
];

/** Other headers of this kind, which are tried last: `x-ratelimit-reset-requests-day`, `x-rate-limit-reset`. */
const RESET_HEADER = /^(?:x-)?rate-?limit-.{0,30}reset/;

/** Fields of an error body that name a wait in seconds, as a duration, or a point in time. */
const WAIT_FIELDS = [
	"retryDelay",
	"retry_after",
	"retry_after_seconds",
	"retryAfter",
	"retryAfterSeconds",
	"resets_in_seconds",
	"reset_in_seconds",
	"quotaResetDelay",
	"resets_at",
	"reset_at",
	"resetsAt",
] as const;

/** Larger numbers are points in time, in seconds or milliseconds since 1970; smaller ones are durations in seconds. */
const MIN_EPOCH_SECONDS = 1_000_000_000;
const MIN_EPOCH_MS = 1_000_000_000_000;

/** A longer wait is an error of the provider: no plan resets less often than monthly. */
const MAX_WAIT_SECONDS = 32 * 86_400;

/** The wait for `retry-after: 0`, so that a provider that keeps refusing is not flooded. */
const MIN_WAIT_SECONDS = 0.25;

/** Zhipu's messages contain Beijing time without a time zone. */
const BEIJING_OFFSET = "+08:00";

/**
 * Seconds from `now` after which the provider suggests to retry; undefined when it does not say. In this order:
 * retry-after-ms, retry-after, the reset of an exhausted limit, fields of the body (Gemini's RetryInfo), the headers that
 * OpenRouter quotes in the body, the text of the message.
 */
export function retryHint(headers: Headers, message: string, layers: Layers, now: number): number | undefined {
	const inner = headersInBody(layers);
	return headerHint(headers, now) ?? fieldHint(layers, now) ?? headerHint(inner, now) ?? messageHint(message, now);
}

function headerHint(headers: Headers, now: number): number | undefined {
	const milliseconds = Number(headers["retry-after-ms"] ?? Number.NaN);
	const exact =
		milliseconds >= 0 ? bounded(Math.max(milliseconds / 1000, milliseconds > 0 ? 0 : MIN_WAIT_SECONDS)) : undefined;
	const retryAfter = headers["retry-after"];
	const zero = retryAfter !== undefined && /^0+(?:\.0+)?s?$/.test(retryAfter.trim()) ? MIN_WAIT_SECONDS : undefined;
	const others = Object.keys(headers).filter((name) => RESET_HEADER.test(name) && !RESET_HEADERS.includes(name));
	const mayBeUsedUp = (remaining: string | undefined) => remaining === undefined || isUsedUp(remaining);
	const reset = resetHeader(headers, [...RESET_HEADERS, ...others], now, mayBeUsedUp);
	return exact ?? parseReset(retryAfter, now) ?? zero ?? reset;
}

/** OpenRouter quotes the headers of the exhausted limit in `metadata.headers`. */
function headersInBody(layers: Layers): Headers {
	const found = layers.map((layer) => asObject(layer["headers"]));
	const pairs = found
		.flatMap(Object.entries)
		.filter((pair): pair is [string, string | number] => /string|number/.test(typeof pair[1]));
	return Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/**
 * The wait in seconds from each form that providers use: `7`, `7.66s`, `2m59.56s`, `12ms`, seconds or milliseconds since
 * 1970, an HTTP or RFC 3339 date. Undefined for zero and negative values, which Azure sends.
 */
function parseReset(value: string | undefined, now: number): number | undefined {
	if (value === undefined) return undefined;
	const text = value.trim();
	if (/^\d+(\.\d+)?$/.test(text)) return bounded(secondsOfNumber(Number(text), now));
	const duration = parseDuration(text);
	if (duration !== undefined) return bounded(duration);
	const date = Date.parse(text);
	return Number.isNaN(date) ? undefined : bounded((date - now) / 1000);
}

function secondsOfNumber(number: number, now: number): number {
	if (number >= MIN_EPOCH_MS) return (number - now) / 1000;
	return number >= MIN_EPOCH_SECONDS ? number - now / 1000 : number;
}

const SECONDS_BY_UNIT: readonly (readonly [RegExp, number])[] = [
	[/^(?:ms|millis\w*|毫秒)$/i, 0.001],
	[/^(?:s|secs?|seconds?|秒)?$/i, 1],
	[/^(?:m|mins?|minutes?|分钟?)$/i, 60],
	[/^(?:h|hrs?|hours?|小时)$/i, 3600],
	[/^(?:d|days?|天)$/i, 86_400],
];

/** `1h2m3.5s`, `1 minute 30 seconds`, `20`; undefined for text that is not a duration. */
function parseDuration(text: string): number | undefined {
	const part =
		/\s?(?:and )?(\d{1,12}(?:\.\d{1,12})?) ?(ms|milliseconds?|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|毫秒|秒|分钟?|小时|天)?(?![a-z])/iy;
	let seconds: number | undefined;
	while (part.lastIndex < text.length) {
		const match = part.exec(text);
		if (!match) return undefined;
		const factor = SECONDS_BY_UNIT.find(([unit]) => unit.test(match[2] ?? ""))?.[1] ?? 1;
		seconds = (seconds ?? 0) + Number(match[1]) * factor;
	}
	return seconds;
}

/** Seconds until a limit resets that the headers of a good reply report as used up; undefined when none is. */
export function exhaustedFor(headers: Headers, now: number): number | undefined {
	return resetHeader(headers, RESET_HEADERS, now, (remaining) => remaining !== undefined && isUsedUp(remaining));
}

/** Zero only: gateways send -1, nothing or `unlimited` if there is no limit. */
function isUsedUp(remaining: string): boolean {
	return /^\s*0+(?:\.0*)?\s*$/.test(remaining);
}

/** The first reset time of a limit whose remaining count, if the headers state one, passes the test. */
function resetHeader(
	headers: Headers,
	names: readonly string[],
	now: number,
	isUsedUpNow: (remaining: string | undefined) => boolean,
): number | undefined {
	for (const name of names) {
		const wait = parseReset(headers[name], now);
		if (wait !== undefined && isUsedUpNow(headers[name.replace("reset", "remaining")])) return wait;
	}
	return undefined;
}

/** Google's RetryInfo (`"retryDelay":"57.2s"`), Codex's `resets_in_seconds`, and similar fields. */
function fieldHint(layers: Layers, now: number): number | undefined {
	for (const name of WAIT_FIELDS) {
		for (const layer of layers) {
			const value = layer[name];
			const wait = typeof value === "string" || typeof value === "number" ? parseReset(String(value), now) : undefined;
			if (wait !== undefined) return wait;
		}
	}
	return undefined;
}

const TIMESTAMP = /(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2})?)(Z|[+-]\d{2}:?\d{2})?/;

const DURATION = "(\\d{1,9}(?:\\.\\d{1,9})?[ \\w.]{0,40})";
const WAIT_CUES = [
	new RegExp(
		`(?:try again|retry|wait|available(?: again)?|resets?)(?: (?:after|in|for|within))?(?: at least| about)?:? ${DURATION}`,
		"i",
	),
	/(\d{1,6} ?(?:毫秒|秒|分钟|小时|天))(?:之?后|内)/,
];

function messageHint(message: string, now: number): number | undefined {
	for (const cue of WAIT_CUES) {
		const words = cue.exec(message)?.[1];
		const duration = words === undefined ? undefined : leadingDuration(words);
		if (duration !== undefined) return bounded(duration);
	}
	if (!/reset|重置|until/i.test(message)) return undefined;
	const stamp = TIMESTAMP.exec(message);
	if (!stamp) return undefined;
	const zone = stamp[3] ?? (/[\u4e00-\u9fff]/.test(message) ? BEIJING_OFFSET : "Z");
	return bounded((Date.parse(`${stamp[1]}T${stamp[2]}${zone}`) - now) / 1000);
}

/** The duration at the beginning of a text: `2 minutes before`, `4.77s. Need more`. */
function leadingDuration(words: string): number | undefined {
	const parts = words.split(/(?<=[a-z\d])[ .]+(?=[a-z]|$)/i);
	for (let count = Math.min(parts.length, 6); count > 0; count--) {
		const seconds = parseDuration(parts.slice(0, count).join(" ").replace(/\.$/, ""));
		if (seconds !== undefined) return seconds;
	}
	return undefined;
}

function bounded(seconds: number): number | undefined {
	return Number.isFinite(seconds) && seconds > 0 && seconds <= MAX_WAIT_SECONDS ? seconds : undefined;
}
