import type { OutputItem, ResponseEvent } from "./wire.ts";

/** One item of a reply as far as it was read. */
export interface ReadItem {
	/** Its place among the items of this reply; names its tool call. */
	key: number;
	/** The server's names for it; either may be missing, and Copilot changes the id with every event. */
	index: number | undefined;
	id: string | undefined;
	type: string;
	/** What was written, by part: `text/0`, `summary/1`, `arguments`. */
	seen: Map<string, string>;
	isDone: boolean;
}

/** Finds out which item an event belongs to. OpenAI numbers them with `output_index`, llama.cpp has only ids. */
export class OutputItems {
	readonly #items: ReadItem[] = [];

	/** The item of an event; a new one where none fits. `type` says what the event is about. */
	of(event: ResponseEvent, type: string): { item: ReadItem; isNew: boolean } {
		const index = typeof event.output_index === "number" ? event.output_index : undefined;
		const id = nonEmpty(event.item?.id) ?? nonEmpty(event.item_id);
		const known = this.#find(index, id, type);
		if (!known) return { item: this.#add(index, id, type), isNew: true };
		known.index ??= index;
		return { item: known, isNew: false };
	}

	/** The item that stands at `position` in the whole reply: by its id, or else by its place among those of its type. */
	inReply(output: readonly OutputItem[], position: number): { item: ReadItem; isNew: boolean } {
		const id = nonEmpty(output[position]?.id);
		const type = String(output[position]?.type);
		const rank = output.slice(0, position).filter((item) => String(item.type) === type).length;
		const byId = id === undefined ? undefined : this.#items.find((item) => item.id === id && item.type === type);
		const known = byId ?? this.#items.filter((item) => item.type === type)[rank];
		return known ? { item: known, isNew: false } : { item: this.#add(position, id, type), isNew: true };
	}

	#find(index: number | undefined, id: string | undefined, type: string): ReadItem | undefined {
		const candidates = this.#items.filter((item) => item.type === type);
		if (index !== undefined) {
			const byIndex = candidates.find((item) => item.index === index);
			return byIndex ?? candidates.find((item) => item.index === undefined && id !== undefined && item.id === id);
		}
		if (id !== undefined) return candidates.find((item) => item.id === id);
		return candidates.findLast((item) => !item.isDone);
	}

	#add(index: number | undefined, id: string | undefined, type: string): ReadItem {
		const item: ReadItem = { key: this.#items.length, index, id, type, seen: new Map(), isDone: false };
		this.#items.push(item);
		return item;
	}
}

function nonEmpty(value: unknown): string | undefined {
	return typeof value === "string" && value !== "" ? value : undefined;
}
