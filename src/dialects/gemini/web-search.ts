import { asObject } from "../../platform/json.ts";
import type { MessageWriter } from "../../protocol/message-writer.ts";
import { type FoundPage, writeCited } from "../conversation/web-search.ts";
import type { DecodeContext } from "../dialect.ts";
import type { GroundingMetadata } from "./wire.ts";

/** The results of Google's own search. They come with the last chunks, so they are written after the text. */
export class Grounding {
	readonly #queries = new Set<string>();
	readonly #pages: FoundPage[] = [];

	read(metadata: GroundingMetadata | null | undefined): void {
		const queries = metadata?.webSearchQueries;
		for (const query of Array.isArray(queries) ? queries : []) this.#queries.add(String(query));
		const chunks = metadata?.groundingChunks;
		for (const chunk of Array.isArray(chunks) ? chunks : []) {
			const { uri, title } = asObject(asObject(chunk)["web"]);
			if (typeof uri === "string") this.#pages.push({ url: uri, title: typeof title === "string" ? title : uri });
		}
	}

	write(writer: MessageWriter, context: DecodeContext): void {
		writeCited(writer, context, [...this.#queries].join(", "), this.#pages);
	}
}
