import { asObject } from "../../platform/json.ts";
import type { MessageWriter } from "../../protocol/message-writer.ts";
import { asksForSearch, type FoundPage, writeCited, writePages, writeSearch } from "../conversation/web-search.ts";
import type { DecodeContext } from "../dialect.ts";
import type { OutputItem } from "./wire.ts";

/**
 * The searches that the provider ran in a reply. The pages are in the call itself if they were requested, otherwise in
 * the annotations of the answer, which come later: they are written at the end.
 */
export class WebSearches {
	readonly #writer: MessageWriter;
	readonly #context: DecodeContext;
	readonly #cited: FoundPage[] = [];
	/** The id of the latest search whose pages are not known yet. */
	#open: string | undefined;
	#hasSearch = false;

	constructor(writer: MessageWriter, context: DecodeContext) {
		this.#writer = writer;
		this.#context = context;
	}

	/** Reads a complete search. Opening a page is not a search. */
	read(item: OutputItem): void {
		const { action } = item;
		if (action && typeof action.type === "string" && action.type !== "search") return;
		const queries = Array.isArray(action?.queries) ? action.queries : [];
		const query = String(action?.query ?? queries.join(", "));
		const id = this.#context.mintId("srvtoolu_");
		this.#hasSearch = true;
		writeSearch(this.#writer, id, query);
		const pages = pagesOf(action?.sources);
		if (pages.length > 0 || !asksForSearch(this.#context.request)) writePages(this.#writer, id, pages);
		else {
			if (this.#open) writePages(this.#writer, this.#open, []);
			this.#open = id;
		}
	}

	/** Reads an annotation of the answer: a page that it cites. */
	cite(annotation: unknown): void {
		this.#cited.push(...pagesOf([annotation]));
	}

	/** The reply is over. Pages may be cited without a search that is shown. */
	end(): void {
		if (this.#open) writePages(this.#writer, this.#open, this.#cited);
		else if (!this.#hasSearch || !asksForSearch(this.#context.request))
			writeCited(this.#writer, this.#context, "", this.#cited);
		this.#open = undefined;
	}
}

function pagesOf(sources: unknown): FoundPage[] {
	if (!Array.isArray(sources)) return [];
	return sources.map(asObject).flatMap(({ url, title }) => {
		if (typeof url !== "string") return [];
		return [{ url, title: typeof title === "string" && title !== "" ? title : url }];
	});
}
