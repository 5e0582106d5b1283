import { asObject, isObject, tryParseJson } from "../../platform/json.ts";
import type { MessageWriter } from "../../protocol/message-writer.ts";
import { type FoundPage, writeCited } from "../conversation/web-search.ts";
import type { DecodeContext } from "../dialect.ts";
import type { ChatChunk, ChatDelta } from "./wire.ts";

/**
 * The pages that a reply cites and the searches that the provider ran, in the fields of several vendors. They repeat from
 * chunk to chunk and belong to no place in the text, so they are written once, after it. Sources:
 * platform.openai.com/docs/guides/tools-web-search (`annotations`; also OpenRouter), docs.perplexity.ai (`citations`,
 * `search_results`), docs.x.ai (`citations`), console.groq.com/docs/compound (`executed_tools`).
 */
export class Searches {
	readonly #context: DecodeContext;
	readonly #pages = new Map<string, FoundPage>();
	readonly #queries = new Set<string>();
	readonly #otherTools = new Set<string>();

	constructor(context: DecodeContext) {
		this.#context = context;
	}

	readChunk({ citations, search_results, search_queries }: ChatChunk): void {
		for (const query of listOf(search_queries)) this.#addQuery(query);
		for (const page of [...listOf(search_results), ...listOf(citations)]) this.#addPage(page);
	}

	readMessage({ annotations, executed_tools, citations }: ChatDelta): void {
		for (const annotation of [...listOf(annotations), ...listOf(citations)]) {
			const { url_citation } = asObject(annotation);
			this.#addPage(isObject(url_citation) ? url_citation : annotation);
		}
		for (const tool of listOf(executed_tools)) this.#readTool(asObject(tool));
	}

	/** The reply is over. */
	write(writer: MessageWriter): void {
		const { note } = this.#context;
		for (const tool of this.#otherTools) {
			note({
				kind: "provider-tool",
				where: "response",
				seen: `the provider ran ${tool} itself`,
				done: "its call is not shown",
			});
		}
		writeCited(writer, this.#context, [...this.#queries].join(", "), [...this.#pages.values()]);
	}

	/** Groq's own tools: a search becomes one, the others are only named. */
	#readTool({ type, name, arguments: input, search_results }: Record<string, unknown>): void {
		const pages = listOf(asObject(search_results)["results"] ?? search_results);
		const { query } = asObject(typeof input === "string" ? tryParseJson(input) : input);
		for (const page of pages) this.#addPage(page);
		if (typeof query === "string") this.#addQuery(query);
		else if (pages.length === 0) this.#otherTools.add(String(type ?? name ?? "a tool"));
	}

	#addQuery(query: unknown): void {
		if (typeof query === "string" && query !== "") this.#queries.add(query);
	}

	/** A page as an object, or as its address alone. The one with a title counts. */
	#addPage(page: unknown): void {
		const { url, title } = typeof page === "string" ? { url: page, title: "" } : asObject(page);
		if (typeof url !== "string" || url === "") return;
		const isTitled = typeof title === "string" && title !== "";
		if (isTitled || !this.#pages.has(url)) this.#pages.set(url, { url, title: isTitled ? title : url });
	}
}

function listOf(value: unknown): unknown[] {
	return Array.isArray(value) ? value : [];
}
