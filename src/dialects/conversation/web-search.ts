import type { MessageWriter } from "../../protocol/message-writer.ts";
import type { MessageRequest } from "../../protocol/messages.ts";
import type { DecodeContext } from "../dialect.ts";
import { signatureCitation, writeSignature } from "../reasoning/signature.ts";

/** A page found by a provider's own search. */
export interface FoundPage {
	title: string;
	url: string;
}

/** Whether Claude Code's WebSearch tool sent the request. It reads what was found from search blocks. */
export function asksForSearch({ tools = [] }: MessageRequest): boolean {
	return tools.some(({ type }) => type?.startsWith("web_search"));
}

/**
 * Writes the pages that belong to a whole reply, after its answer: as a search if one was asked for, otherwise as
 * citations of the text, because a reply that ends with a search block makes `claude -p` fail ("Execution error", measured
 * with 2.1.197 and 2.1.332).
 */
export function writeCited(
	writer: MessageWriter,
	{ request, target, mintId, note }: DecodeContext,
	query: string,
	pages: readonly FoundPage[],
): void {
	// Pages without an answer are no answer.
	if (!writer.hasContent || (pages.length === 0 && query === "")) return;
	const signature = writeSignature({}, target);
	const citations = unique(pages).map((page) => signatureCitation(signature, page));
	if (!asksForSearch(request) && citations.every((citation) => writer.citation(citation))) {
		const done = pages.length > 0 ? "kept as citations of the text" : "left out: no page was named";
		note({ kind: "cited-pages", where: "response", seen: `pages: ${citations.length} ${query}`.trim(), done });
		return;
	}
	const id = mintId("srvtoolu_");
	writeSearch(writer, id, query);
	writePages(writer, id, pages);
}

function unique(pages: readonly FoundPage[]): FoundPage[] {
	return [...new Map(pages.map((page) => [page.url, page])).values()];
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
	const content = unique(pages).map(({ title, url }) => ({
		type: "web_search_result",
		title,
		url,
		// Only Anthropic's own search returns encrypted pages.
		encrypted_content: "",
		page_age: null,
	}));
	writer.block({ type: "web_search_tool_result", tool_use_id: id, content });
}
