import { asObject, tryParseJson } from "../../platform/json.ts";
import { UpstreamFailure } from "../failures/failure.ts";
import type { Cancellable } from "./cancellation.ts";
import { readText } from "./send.ts";
import type { Transport, TransportRequest } from "./transport.ts";

/** A search engine that the user configured for models whose provider does not search. */
export interface SearchEngine {
	engine: "searxng" | "brave" | "tavily";
	/** Address; SearXNG needs the user's own, the others have one. */
	url?: string | undefined;
	key?: string | undefined;
}

export interface SearchResult {
	title: string;
	url: string;
	snippet: string;
}

/** Results that are asked for and kept. */
const RESULTS = 10;
const REPLY_LIMIT = 2 * 1024 * 1024;

interface EngineRule {
	request(engine: SearchEngine, query: string): Omit<TransportRequest, "signal">;
	/** Where the list of results is, and which field holds the snippet. */
	results(body: Record<string, unknown>): unknown;
	snippet: string;
}

const ENGINES: Readonly<Record<SearchEngine["engine"], EngineRule>> = {
	// docs.searxng.org/dev/search_api: the JSON format must be switched on in its settings.
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
			url: `${url}?${new URLSearchParams({ q: query, count: String(RESULTS) })}`,
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
			body: JSON.stringify({ query, max_results: RESULTS }),
		}),
		results: (body) => body["results"],
		snippet: "content",
	},
};

/** Asks the engine. Throws `UpstreamFailure` for anything but a list of results; an empty list is a result. */
export async function search(
	transport: Transport,
	engine: SearchEngine,
	query: string,
	signal: Cancellable,
): Promise<SearchResult[]> {
	const rule = ENGINES[engine.engine];
	const reply = await transport.request({ ...rule.request(engine, query), signal });
	const text = await readText(reply, REPLY_LIMIT);
	const list = rule.results(asObject(tryParseJson(text)));
	if (reply.status !== 200 || !Array.isArray(list)) {
		const { status, headers } = reply;
		throw new UpstreamFailure(`HTTP ${status} from ${engine.engine}`, { status, headers, body: text });
	}
	return list.slice(0, RESULTS).map((item) => {
		const fields = asObject(item);
		const field = (name: string) => (typeof fields[name] === "string" ? (fields[name] as string) : "");
		return { title: field("title"), url: field("url"), snippet: field(rule.snippet) };
	});
}
