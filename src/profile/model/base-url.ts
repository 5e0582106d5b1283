import { EXIT, UserError } from "../../platform/user-error.ts";
import type { StringPlace } from "../documents/interpolate.ts";
import type { DialectName } from "./quirks.ts";

/** Paths that people paste along with a base URL, because that is what the vendor's example shows. */
const PASTED: Readonly<Record<DialectName, RegExp>> = {
	"openai-chat": /\/(?:chat\/)?completions$/,
	"openai-responses": /\/responses$/,
	gemini: /\/models(?:\/[^/]+)?$/,
	anthropic: /(?:\/v1\/messages|\/v1)$/,
};

/** Address of the scripted model; the session puts the real one in its place. */
export const DEMO_URL = "demo:";

/**
 * Brings a base URL into the form that the dialect appends its path to: no trailing slash; with `/v1` for openai-chat
 * and openai-responses (`/chat/completions`, `/responses` follow) and with `/v1beta` for gemini (`/models/…` follows),
 * without it for anthropic (`/v1/messages` follows). `note` says what was cut.
 */
export function normaliseBaseUrl(
	pasted: string,
	dialect: DialectName,
	place: StringPlace,
): { baseUrl: string; note?: string } {
	if (pasted === DEMO_URL) return { baseUrl: pasted };
	const trimmed = pasted.trim().replace(/\/+$/, "");
	checkUrl(trimmed, place);
	const baseUrl = trimmed.replace(PASTED[dialect], "").replace(/\/+$/, "");
	if (baseUrl === trimmed) return { baseUrl };
	const cut = trimmed.slice(baseUrl.length);
	return {
		baseUrl,
		note: `${place.field}: ${cut} was cut from the base URL; the ${dialect} dialect appends its own path`,
	};
}

/** The dialect that an address suggests when none is named. */
export function guessDialect(url: string): DialectName {
	if (/\/models\/[^/]+:\w*[gG]enerateContent\/*$/.test(url)) return "gemini";
	if (/\/responses\/*$/.test(url)) return "openai-responses";
	return /\/anthropic(?:\/v1(?:\/messages)?)?\/*$|\/v1\/messages\/*$/.test(url) ? "anthropic" : "openai-chat";
}

function checkUrl(text: string, place: StringPlace): void {
	const problem = problemWith(text);
	if (!problem) return;
	throw new UserError(`profile ${place.profile}: ${place.field} ${problem}`, {
		hint: "write it like https://api.example.com/v1, the key goes into `key`",
		exitCode: EXIT.config,
	});
}

/** The text itself is repeated only where it can hold no password. */
function problemWith(text: string): string | undefined {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (url?.username || url?.password) return "holds a user name or password";
	if (url?.search || url?.hash) return "has a part after ? or #, behind which no path can be appended";
	return url?.protocol === "http:" || url?.protocol === "https:" ? undefined : `is not an http(s) URL: ${text}`;
}
