import { EXIT, UserError } from "../../platform/user-error.ts";
import type { StringPlace } from "../documents/interpolate.ts";
import type { DialectName } from "./quirks.ts";
import type { Target } from "./target.ts";

/** Paths that people paste along with a base URL, because that is what the vendor's example shows. */
const PASTED_PATHS: Readonly<Record<DialectName, RegExp>> = {
	"openai-chat": /\/(?:chat\/)?completions$/,
	"openai-responses": /\/responses$/,
	gemini: /\/models(?:\/[^/]+)?$/,
	anthropic: /(?:\/v1\/messages|\/v1)$/,
};

/** Address of the scripted demo model; the session replaces it by the real one. */
export const DEMO_URL = "demo:";

/** An address in the form that requests need. */
export interface BaseAddress {
	/** Without a trailing slash and without a query. */
	baseUrl: string;
	/** What each request to it has after its path, without `?`: `api-version=2024-10-21`. */
	query?: string;
	/** What was removed. */
	note?: string;
}

/**
 * Brings a base URL into the form that the dialect appends its path to: no trailing slash; with `/v1` for openai-chat
 * and openai-responses (`/chat/completions` or `/responses` is appended) and `/v1beta` for gemini (`/models/…`),
 * without it for anthropic (`/v1/messages`). Throws a `UserError` for any other text.
 */
export function normaliseBaseUrl(pasted: string, dialect: DialectName, place: StringPlace): BaseAddress {
	if (pasted === DEMO_URL) return { baseUrl: pasted };
	const [path = "", ...rest] = pasted.trim().split("?");
	const trimmed = path.replace(/\/+$/, "");
	assertHttpUrl(trimmed, place);
	const query = queryOf(rest.join("?"), dialect);
	const baseUrl = trimmed.replace(PASTED_PATHS[dialect], "").replace(/\/+$/, "");
	const address = { baseUrl, ...(query && { query }) };
	if (baseUrl === trimmed) return address;
	const cut = trimmed.slice(baseUrl.length);
	return {
		...address,
		note: `${place.field}: ${cut} was removed from the base URL: the ${dialect} dialect appends its own path`,
	};
}

/** The query without what the dialect sets itself: people paste `…:streamGenerateContent?alt=sse`. */
function queryOf(text: string, dialect: DialectName): string {
	const parts = text.replace(/#.*$/s, "").split("&");
	return parts.filter((part) => part !== "" && !(dialect === "gemini" && part.startsWith("alt="))).join("&");
}

/** The URL of a request: the query of the address is added to the one that the path may have. */
export function requestUrl({ baseUrl, query }: Pick<Target, "baseUrl" | "query">, path: string): string {
	const url = `${baseUrl}${path}`;
	return query ? `${url}${path.includes("?") ? "&" : "?"}${query}` : url;
}

/** The dialect that an address names by its path; undefined for a plain base URL. */
export function dialectOfUrl(address: string): DialectName | undefined {
	const path = address
		.trim()
		.replace(/[?#].*$/s, "")
		.replace(/\/+$/, "");
	if (/\/models\/[^/]+:\w*[gG]enerateContent$/.test(path)) return "gemini";
	if (/\/responses$/.test(path)) return "openai-responses";
	if (/\/anthropic(?:\/v1(?:\/messages)?)?$|\/v1\/messages$/.test(path)) return "anthropic";
	return /\/completions$/.test(path) ? "openai-chat" : undefined;
}

function assertHttpUrl(text: string, place: StringPlace): void {
	const problem = problemWith(text);
	if (!problem) return;
	throw new UserError(`profile ${place.profile}: ${place.field} ${problem}`, {
		hint: "write it like https://api.example.com/v1, the key goes into `key`",
		exitCode: EXIT.config,
	});
}

/** Quotes the text only if it cannot contain a password. */
function problemWith(text: string): string | undefined {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (url?.username || url?.password) return "holds a user name or password";
	if (url?.hash) return "has a fragment (#), so no path can be appended";
	return url?.protocol === "http:" || url?.protocol === "https:"
		? undefined
		: `is not a URL with http or https: ${text}`;
}

const VERSION = /\/v\d\w*$/;
/** What vendors put before or after the version, by wire: `/anthropic`, `/v1beta/openai`. */
const WIRE_SUFFIX = /\/(?:anthropic|openai)$/;

/** The base URL with the usual mistake undone: a version that is missing, doubled, or not part of it. */
export function pathNeighbour(baseUrl: string, dialect: DialectName): string {
	const bare = baseUrl.replace(VERSION, "");
	if (VERSION.test(bare) && bare.endsWith(baseUrl.slice(bare.length))) return bare;
	const hasVersion = bare !== baseUrl;
	switch (dialect) {
		case "anthropic":
			if (hasVersion) return bare;
			return WIRE_SUFFIX.test(baseUrl) ? baseUrl.replace(WIRE_SUFFIX, "") : `${baseUrl}/anthropic`;
		case "gemini":
			return `${bare.replace(VERSION, "").replace(WIRE_SUFFIX, "")}/v1beta`;
		default:
			// Google's OpenAI-compatible endpoint.
			if (baseUrl.endsWith("/v1beta")) return `${baseUrl}/openai`;
			return hasVersion ? bare : `${baseUrl.replace(WIRE_SUFFIX, "")}/v1`;
	}
}

/** The same server in the two most common other wires. */
export function otherAddresses(baseUrl: string, dialect: DialectName): { dialect: DialectName; baseUrl: string }[] {
	const root = baseUrl.replace(WIRE_SUFFIX, "").replace(VERSION, "").replace(WIRE_SUFFIX, "");
	const addresses = [
		{ dialect: "openai-chat", baseUrl: `${root}/v1` },
		{ dialect: "anthropic", baseUrl: root },
	] as const;
	return addresses.filter((address) => address.dialect !== dialect);
}
