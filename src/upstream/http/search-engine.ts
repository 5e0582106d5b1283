import { asObject, tryParseJson } from "../../platform/json.ts";
import { UpstreamFailure } from "../failures/failure.ts";
import { type Cancellable, Cancellation } from "./cancellation.ts";
import { readText } from "./send.ts";
import type { Transport, TransportReply, TransportRequest } from "./transport.ts";

/** The user's search engine, for providers that do not search the web themselves. */
export interface SearchEngine {
	engine: "searxng" | "brave" | "tavily";
	/** Default: the engine's public API; for SearXNG a local server. */
	url?: string | undefined;
	key?: string | undefined;
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
	request(engine: SearchEngine, query: string): Omit<TransportRequest, "signal">;
	/** The list of results in a reply. */
	results(body: Record<string, unknown>): unknown;
	/** The field of a result that contains its snippet. */
	snippet: string;
}

const ENGINES: Readonly<Record<SearchEngine["engine"], EngineRule>> = {
	// docs.searxng.org/dev/search_api; the JSON format must be enabled in the server's settings.
	searxng: {
		request: ({ url = "http://localhost:8080" }, query) => ({
			method: "GET",
			url: `${url.replace(/\/+$/, "")}/search?${new URLSearchParams({ q: query, format: "json" })}`,
			headers: { accept: "application/json" },
		}),
		results: (body) => body["results"],
		snippet: "content",
	},
	// api-dashboard.search.brave.com/app/documentation
	brave: {
		request: ({ url = "https://api.search.brave.com/res/v1/web/search", key = "" }, query) => ({
			method: "GET",
			url: `${url}?${new URLSearchParams({ q: query, count: String(MAX_RESULTS) })}`,
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
			body: JSON.stringify({ query, max_results: MAX_RESULTS }),
		}),
		results: (body) => body["results"],
		snippet: "content",
	},
};

async function ask(transport: Transport, request: TransportRequest): Promise<[TransportReply, string]> {
	const reply = await transport.request(request);
	return [reply, await readText(reply, MAX_REPLY_BYTES)];
}

/** Searches the web. Rejects with `UpstreamFailure` for every reply but a list of results, which may be empty. */
export async function search(
	transport: Transport,
	engine: SearchEngine,
	query: string,
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
		const field = (name: string) => {
			const value = fields[name];
			return typeof value === "string" ? value : "";
		};
		return { title: field("title"), url: field("url"), snippet: field(rule.snippet) };
	});
}
