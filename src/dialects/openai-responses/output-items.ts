import type { OutputItem, ResponseEvent } from "./wire.ts";

/** One item of a reply, as far as it has been read. */
export interface ReadItem {
	/** Its position among the items of this reply. It identifies a tool call. */
	key: number;
	/** The server's identifiers. Either may be missing, and Copilot changes the id with every event. */
	index: number | undefined;
	id: string | undefined;
	type: string;
	/** The text written so far, by part: `text/0`, `summary/1`, `arguments`. */
	seen: Map<string, string>;
	isDone: boolean;
}

/** Finds the item that an event belongs to. OpenAI numbers them with `output_index`, llama.cpp sends only ids. */
export class OutputItems {
	readonly #items: ReadItem[] = [];

	/** The item of an event, or a new one. `type` is the item type that the event implies. */
	of(event: ResponseEvent, type: string): { item: ReadItem; isNew: boolean } {
		const index = typeof event.output_index === "number" ? event.output_index : undefined;
		const id = nonEmpty(event.item?.id) ?? nonEmpty(event.item_id);
		const known = this.#find(index, id, type);
		if (!known) return { item: this.#add(index, id, type), isNew: true };
		known.index ??= index;
		return { item: known, isNew: false };
	}

	/** The item at `position` of the whole reply: found by its id, or else by its rank among the items of its type. */
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
