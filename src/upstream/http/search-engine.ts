import { asObject, tryParseJson } from "../../platform/json.ts";
import { UpstreamFailure } from "../failures/failure.ts";
import { type Cancellable, Cancellation } from "./cancellation.ts";
import { readText } from "./send.ts";
import type { Transport, TransportReply, TransportRequest } from "./transport.ts";

/** The user's search engine, for providers that do not search the web themselves. */
export interface SearchEngine {
	engine: "searxng" | "brave" | "tavily" | "exa";
	/** Default: the engine's public API; for SearXNG a local server. */
	url?: string | undefined;
	key?: string | undefined;
}

/** What to search for. Results may still be of other domains: not every engine keeps to them. */
export interface WebQuery {
	text: string;
	/** Domains that results should be of; empty: any. */
	allowed: readonly string[];
	blocked: readonly string[];
}

export interface SearchResult {
	title: string;
	url: string;
	snippet: string;
}

const MAX_RESULTS = 10;
const MAX_REPLY_BYTES = 2 * 1024 * 1024;

/** Engines that ask other engines take several seconds. */
const MAX_SEARCH_MS = 30_000;

interface EngineRule {
	request(engine: SearchEngine, query: WebQuery): Omit<TransportRequest, "signal">;
	/** The list of results in a reply. */
	results(body: Record<string, unknown>): unknown;
	/** The field of a result that contains its snippet: a text, or a list of texts. */
	snippet: string;
}

const ENGINES: Readonly<Record<SearchEngine["engine"], EngineRule>> = {
	// docs.searxng.org/dev/search_api; the JSON format must be enabled in the server's settings.
	searxng: {
		request: ({ url = "http://localhost:8080" }, query) => ({
			method: "GET",
			url: `${url.replace(/\/+$/, "")}/search?${new URLSearchParams({ q: withOperators(query), format: "json" })}`,
			headers: { accept: "application/json" },
		}),
		results: (body) => body["results"],
		snippet: "content",
	},
	// api-dashboard.search.brave.com/app/documentation
	brave: {
		request: ({ url = "https://api.search.brave.com/res/v1/web/search", key = "" }, query) => ({
			method: "GET",
			// Without decorations: otherwise the words of the query are in <strong>.
			url: `${url}?${new URLSearchParams({ q: withOperators(query), count: String(MAX_RESULTS), text_decorations: "0" })}`,
			headers: { accept: "application/json", "x-subscription-token": key },
		}),
		results: (body) => asObject(body["web"])["results"],
		snippet: "description",
	},
	// docs.tavily.com/documentation/api-reference/endpoint/search
	tavily: {
		request: ({ url = "https://api.tavily.com/search", key = "" }, query) => ({
			method: "POST",
			url,
			headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
			body: JSON.stringify({
				query: query.text,
				max_results: MAX_RESULTS,
				include_domains: listed(query.allowed),
				exclude_domains: listed(query.blocked),
			}),
		}),
		results: (body) => body["results"],
		snippet: "content",
	},
	// exa.ai/docs/reference/search; a result has its passages as a list.
	exa: {
		request: ({ url = "https://api.exa.ai/search", key = "" }, query) => ({
			method: "POST",
			url,
			headers: { "content-type": "application/json", "x-api-key": key },
			body: JSON.stringify({
				query: query.text,
				numResults: MAX_RESULTS,
				contents: { highlights: true },
				includeDomains: listed(query.allowed),
				excludeDomains: listed(query.blocked),
			}),
		}),
		results: (body) => body["results"],
		snippet: "highlights",
	},
};

function listed(domains: readonly string[]): readonly string[] | undefined {
	return domains.length > 0 ? domains : undefined;
}

/** The query with the domains as search operators, so that the few results are not all of other domains. */
function withOperators({ text, allowed, blocked }: WebQuery): string {
	const within = allowed.map((domain) => `site:${domain}`).join(" OR ");
	const without = blocked.map((domain) => `-site:${domain}`);
	return [text, allowed.length > 1 ? `(${within})` : within, ...without].filter(Boolean).join(" ");
}

async function ask(transport: Transport, request: TransportRequest): Promise<[TransportReply, string]> {
	const reply = await transport.request(request);
	return [reply, await readText(reply, MAX_REPLY_BYTES)];
}

/** Searches the web. Rejects with `UpstreamFailure` for every reply but a list of results, which may be empty. */
export async function search(
	transport: Transport,
	engine: SearchEngine,
	query: WebQuery,
	signal: Cancellable,
): Promise<SearchResult[]> {
	const rule = ENGINES[engine.engine];
	const request = new Cancellation(signal);
	const slow = new Error(`ETIMEDOUT: no results within ${MAX_SEARCH_MS / 1000} s`);
	const timer = setTimeout(() => request.abort(slow), MAX_SEARCH_MS).unref();
	const [reply, text] = await ask(transport, { ...rule.request(engine, query), signal: request }).finally(() => {
		clearTimeout(timer);
		request.detach();
	});
	const list = rule.results(asObject(tryParseJson(text)));
	if (reply.status !== 200 || !Array.isArray(list)) {
		const { status, headers } = reply;
		throw new UpstreamFailure(`HTTP ${status} from ${engine.engine}`, { status, headers, body: text });
	}
	return list.slice(0, MAX_RESULTS).map((item) => {
		const fields = asObject(item);
		return { title: textIn(fields["title"]), url: textIn(fields["url"]), snippet: textIn(fields[rule.snippet]) };
	});
}

function textIn(value: unknown): string {
	if (Array.isArray(value)) return value.map(textIn).join(" … ");
	return typeof value === "string" ? value : "";
}
