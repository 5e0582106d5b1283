import type { Target } from "../profile/model/target.ts";
import type { Note } from "../protocol/divergence.ts";
import {
	type ContentBlock,
	contentBlocks,
	type Message,
	type MessageRequest,
	type Tool,
} from "../protocol/messages.ts";
import { mintId } from "../protocol/mint-id.ts";
import { UpstreamFailure } from "../upstream/failures/failure.ts";
import type { Cancellable } from "../upstream/http/cancellation.ts";
import { type SearchEngine, type SearchResult, search } from "../upstream/http/search-engine.ts";
import type { Transport } from "../upstream/http/transport.ts";

export interface WebSearchContext {
	target: Target;
	/** The user's engine; undefined: none is configured. */
	engine: SearchEngine | undefined;
	transport: Transport;
	signal: Cancellable;
	note: Note;
}

/**
 * The tool of a WebSearch request of Claude Code's (one server tool `web_search_…`, nothing else) to a provider that does
 * not search by itself. Undefined for any other request.
 */
export function unansweredSearch({ tools }: MessageRequest, { quirks }: Target): Tool | undefined {
	const tool = tools?.length === 1 ? tools[0] : undefined;
	if (!tool?.type?.startsWith("web_search_")) return undefined;
	return quirks.serverTools.some((prefix) => tool.type?.startsWith(prefix)) ? undefined : tool;
}

/** Answers such a request: with the user's own engine, or with an honest "there is no search". */
export async function answerWebSearch(
	request: MessageRequest,
	tool: Tool,
	context: WebSearchContext,
): Promise<Message> {
	const query = queryOf(request);
	if (!context.engine) {
		const hint = "a search engine can be configured: `search: { engine: searxng | brave | tavily }`";
		const text = `Web search is not available: ${context.target.profile} does not search, and ${hint}.`;
		return answer(request, context, query, { error: "unavailable" }, text, "no search engine is configured");
	}
	try {
		const found = await search(context.transport, context.engine, query, context.signal);
		const results = found.filter((result) => isAllowed(result, tool));
		const text = results.length > 0 ? listed(query, results) : `No web page was found for ${JSON.stringify(query)}.`;
		return answer(request, context, query, { results }, text, `${results.length} results of ${context.engine.engine}`);
	} catch (error) {
		if (!(error instanceof UpstreamFailure)) throw error;
		const text = `The web search failed: ${context.engine.engine}: ${error.message}.`;
		return answer(request, context, query, { error: "unavailable" }, text, error.message);
	}
}

/** Claude Code writes "Perform a web search for the query: …" into the last user message (measured). */
function queryOf({ messages }: MessageRequest): string {
	const last = messages.findLast((message) => message.role === "user");
	const text = contentBlocks(last?.content)
		.map((block) => (block.type === "text" ? block.text : ""))
		.join("\n");
	return (/web search for(?: the query)?:\s*([\s\S]*)$/i.exec(text)?.[1] ?? text).trim();
}

function isAllowed({ url }: SearchResult, tool: Tool): boolean {
	const host = URL.canParse(url) ? new URL(url).hostname : "";
	const matches = (domains: unknown) =>
		Array.isArray(domains) && domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
	if (Array.isArray(tool["allowed_domains"]) && tool["allowed_domains"].length > 0)
		return matches(tool["allowed_domains"]);
	return !matches(tool["blocked_domains"]);
}

function listed(query: string, results: readonly SearchResult[]): string {
	const lines = results.map(({ title, url, snippet }, index) => `${index + 1}. ${title}\n${url}\n${snippet}`);
	return `Results for ${JSON.stringify(query)}:\n\n${lines.join("\n\n")}`;
}

function answer(
	request: MessageRequest,
	{ note, target }: WebSearchContext,
	query: string,
	outcome: { results: readonly SearchResult[] } | { error: string },
	text: string,
	done: string,
): Message {
	note({ kind: "web-search", where: "request.tools", seen: `${target.profile} does not search the web`, done });
	const id = mintId("srvtoolu_");
	const content: ContentBlock[] = [
		{ type: "server_tool_use", id, name: "web_search", input: { query } },
		{ type: "web_search_tool_result", tool_use_id: id, content: resultContent(outcome) },
		{ type: "text", text },
	];
	return {
		id: mintId("msg_"),
		type: "message",
		role: "assistant",
		model: request.model,
		content,
		stop_reason: "end_turn",
		stop_sequence: null,
		// No model was asked, so no tokens were spent.
		usage: { input_tokens: 0, output_tokens: 0, server_tool_use: { web_search_requests: 1 } },
	};
}

function resultContent(outcome: { results: readonly SearchResult[] } | { error: string }): unknown {
	if ("error" in outcome) return { type: "web_search_tool_result_error", error_code: outcome.error };
	return outcome.results.map(({ title, url }) => ({
		type: "web_search_result",
		title,
		url,
		encrypted_content: "",
		page_age: null,
	}));
}
