import type { MessageWriter } from "../../protocol/message-writer.ts";

/** A page found by a provider's own search. */
export interface FoundPage {
	title: string;
	url: string;
}

/** Writes a search that the provider ran, as the `web_search` call that Claude Code's WebSearch tool reads. */
export function writeSearch(writer: MessageWriter, id: string, query: string): void {
	const partial_json = JSON.stringify({ query });
	writer.block({ type: "server_tool_use", id, name: "web_search", input: {} }, [
		{ type: "input_json_delta", partial_json },
	]);
}

/** Writes the results of the search with this id, each page once. */
export function writePages(writer: MessageWriter, id: string, pages: readonly FoundPage[]): void {
	const unique = [...new Map(pages.map((page) => [page.url, page])).values()];
	const content = unique.map(({ title, url }) => ({
		type: "web_search_result",
		title,
		url,
		// Only Anthropic's own search returns encrypted pages.
		encrypted_content: "",
		page_age: null,
	}));
	writer.block({ type: "web_search_tool_result", tool_use_id: id, content });
}
