import type { Target } from "../profile/model/target.ts";
import {
	type ContentBlock,
	contentBlocks,
	type Message,
	type MessageRequest,
	type Tool,
} from "../protocol/messages.ts";
import { mintId } from "../protocol/mint-id.ts";
import { newMessage } from "../protocol/new-message.ts";
import { UpstreamFailure } from "../upstream/failures/failure.ts";
import type { Cancellable } from "../upstream/http/cancellation.ts";
import { type SearchResult, search, type WebQuery } from "../upstream/http/search-engine.ts";
import type { Exchange } from "./exchange.ts";
import type { ProxyState } from "./proxy-state.ts";

/**
 * The tool of a web search request (its only tool is the server tool `web_search_…`) to a provider that does not search
 * itself; undefined for every other request.
 */
export function unsupportedSearchTool({ tools }: MessageRequest, { quirks }: Target): Tool | undefined {
	const tool = tools?.length === 1 ? tools[0] : undefined;
	if (!tool?.type?.startsWith("web_search_")) return undefined;
	return quirks.serverTools.some((prefix) => tool.type?.startsWith(prefix)) ? undefined : tool;
}

/** Answers such a request: from the user's search engine, or with the fact that none is configured. */
export async function answerWebSearch(exchange: Exchange, tool: Tool, target: Target): Promise<Message> {
	const { request, proxy, signal, note } = exchange;
	const query = {
		text: queryOf(request),
		allowed: domainsIn(tool["allowed_domains"]),
		blocked: domainsIn(tool["blocked_domains"]),
	};
	const outcome = await searchFor(query, target, proxy, signal);
	note({
		kind: "web-search",
		where: "request.tools",
		seen: `${target.profile} does not search the web`,
		done: outcome.done,
	});
	return searchMessage(request.model, query.text, outcome);
}

interface SearchOutcome {
	/** Undefined when nothing could be searched. */
	results: readonly SearchResult[] | undefined;
	/** What the model reads. */
	text: string;
	/** What the divergence says. */
	done: string;
}

async function searchFor(
	query: WebQuery,
	target: Target,
	{ profile, transport }: ProxyState,
	signal: Cancellable,
): Promise<SearchOutcome> {
	const engine = profile.search;
	if (!engine) {
		const hint = "a search engine can be configured: `search: { engine: searxng | brave | tavily | exa }`";
		const text = `Web search is not available: ${target.profile} does not search, and ${hint}.`;
		return { results: undefined, text, done: "no search engine is configured" };
	}
	try {
		const found = await search(transport, engine, query, signal);
		const results = found.filter((result) => isAllowed(result, query));
		const text =
			results.length > 0 ? listOf(query.text, results) : `No web page was found for ${JSON.stringify(query.text)}.`;
		return { results, text, done: `${results.length} results of ${engine.engine}` };
	} catch (error) {
		if (!(error instanceof UpstreamFailure)) throw error;
		const text = `The web search failed: ${engine.engine}: ${error.message}.`;
		return { results: undefined, text, done: error.message };
	}
}

/** Claude Code 2.1.x writes "Perform a web search for the query: …" into the last user message. */
function queryOf({ messages }: MessageRequest): string {
	const last = messages.findLast((message) => message.role === "user");
	const text = contentBlocks(last?.content)
		.map((block) => (block.type === "text" ? block.text : ""))
		.join("\n");
	return (/web search for(?: the query)?:\s*([\s\S]*)$/i.exec(text)?.[1] ?? text).trim();
}

function isAllowed({ url }: SearchResult, { allowed, blocked }: WebQuery): boolean {
	if (allowed.length > 0) return allowed.some((domain) => isWithin(url, domain));
	return !blocked.some((domain) => isWithin(url, domain));
}

/** As Anthropic's API takes them: without a scheme, a path is allowed. */
function domainsIn(value: unknown): string[] {
	const domains = Array.isArray(value) ? value.map((domain) => String(domain).toLowerCase()) : [];
	return domains.map((domain) => domain.replace(/^[a-z]+:\/\//, "").replace(/\/+$/, "")).filter(Boolean);
}

/** The domain itself or a subdomain: `evil-example.com` is not within `example.com`. */
function isWithin(url: string, domain: string): boolean {
	if (!URL.canParse(url)) return false;
	const { hostname, pathname } = new URL(url);
	const [host = "", ...path] = domain.split("/");
	if (hostname !== host && !hostname.endsWith(`.${host}`)) return false;
	return `${pathname.toLowerCase()}/`.startsWith(["", ...path, ""].join("/"));
}

function listOf(query: string, results: readonly SearchResult[]): string {
	const lines = results.map(({ title, url, snippet }, index) => `${index + 1}. ${title}\n${url}\n${snippet}`);
	return `Results for ${JSON.stringify(query)}:\n\n${lines.join("\n\n")}`;
}

/** The three blocks that a provider with web search replies with. */
function searchMessage(model: string, query: string, { results, text }: SearchOutcome): Message {
	const id = mintId("srvtoolu_");
	const content: ContentBlock[] = [
		{ type: "server_tool_use", id, name: "web_search", input: { query } },
		{ type: "web_search_tool_result", tool_use_id: id, content: resultContent(results) },
		{ type: "text", text },
	];
	const usage = { input_tokens: 0, output_tokens: 0, server_tool_use: { web_search_requests: 1 } };
	return { ...newMessage(model, content, mintId), usage };
}

function resultContent(results: readonly SearchResult[] | undefined): unknown {
	if (!results) return { type: "web_search_tool_result_error", error_code: "unavailable" };
	return results.map(({ title, url }) => ({
		type: "web_search_result",
		title,
		url,
		encrypted_content: "",
		page_age: null,
	}));
}
