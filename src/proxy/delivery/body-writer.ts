import { isSameJson } from "../../platform/json.ts";

/** Conversations that are remembered at once: the main one, and the latest subagents. Each holds its last body. */
const MAX_LANES = 4;

/** Bytes of a page; an item that is longer has one of its own. */
const PAGE = 256 * 1024;

/**
 * Writes bodies of which each is the last one with more at its end, as the requests of a conversation are: what is
 * unchanged at the beginning of a list is neither written nor copied again. Comparing a megabyte of texts takes a tenth
 * of a millisecond, writing it as JSON and as UTF-8 ten (docs/performance.md).
 */
export class BodyWriter {
	/** Lane → field → the pages of the list that stood there last; the lane that was used last is at the end. */
	readonly #lanes = new Map<string, Map<string, readonly Page[]>>();

	/** The bytes of `JSON.stringify(body)`, in pieces. A lane is one conversation with one model. */
	write(lane: string, body: object): Buffer[] {
		const before = this.#lanes.get(lane);
		const lists = new Map<string, readonly Page[]>();
		const pieces: Buffer[] = [];
		let text = "{";
		for (const [field, value] of Object.entries(body)) {
			if (value === undefined) continue;
			text += `${text === "{" ? "" : ","}${JSON.stringify(field)}:`;
			if (!Array.isArray(value)) {
				text += JSON.stringify(value);
				continue;
			}
			const pages = writeList(value, before?.get(field) ?? []);
			lists.set(field, pages);
			pieces.push(Buffer.from(`${text}[`), ...pages.map((page) => page.written));
			text = "]";
		}
		pieces.push(Buffer.from(`${text}}`));
		this.#remember(lane, lists);
		return pieces;
	}

	#remember(lane: string, lists: Map<string, readonly Page[]>): void {
		this.#lanes.delete(lane);
		for (const oldest of this.#lanes.keys()) {
			if (this.#lanes.size < MAX_LANES) break;
			this.#lanes.delete(oldest);
		}
		this.#lanes.set(lane, lists);
	}
}

/** Some items of a list, and their JSON. It is only ever added to: what was handed out may still be on its way. */
class Page {
	/** With a comma before each that is not the first of its list. */
	readonly #bytes: Buffer;
	#items: unknown[];
	/** Where each item ends. */
	readonly #ends: number[];

	constructor(room: number, items: unknown[] = [], ends: number[] = []) {
		this.#bytes = Buffer.allocUnsafeSlow(Math.max(room, PAGE));
		this.#items = items;
		this.#ends = ends;
	}

	get written(): Buffer {
		return this.#bytes.subarray(0, this.#end);
	}

	get length(): number {
		return this.#items.length;
	}

	get #end(): number {
		return this.#ends.at(-1) ?? 0;
	}

	/** How many of its items are, one after the other, those of a list from an index on. */
	countSame(list: readonly unknown[], from: number): number {
		const other = this.#items.findIndex((item, index) => {
			return from + index >= list.length || !isSameJson(item, list[from + index]);
		});
		if (other >= 0) return other;
		// Each request is parsed anew, and what else is kept of a conversation is of the last one: no texts are held twice.
		this.#items = list.slice(from, from + this.length);
		return this.length;
	}

	hasRoomFor(bytes: number): boolean {
		return this.#end + bytes <= this.#bytes.length;
	}

	add(item: unknown, json: string, bytes: number): void {
		this.#bytes.write(json, this.#end, bytes === json.length ? "latin1" : "utf8");
		this.#ends.push(this.#end + bytes);
		this.#items.push(item);
	}

	/** A page of its own that begins like this one. */
	beginning(count: number): Page {
		const page = new Page(this.#ends[count - 1] ?? 0, this.#items.slice(0, count), this.#ends.slice(0, count));
		this.#bytes.copy(page.#bytes, 0, 0, page.#end);
		return page;
	}
}

/** The pages of a list: those of before as far as it is the same, and what is new. */
function writeList(items: readonly unknown[], before: readonly Page[]): Page[] {
	const pages: Page[] = [];
	let count = 0;
	for (const page of before) {
		const same = page.countSame(items, count);
		count += same;
		if (same > 0) pages.push(same < page.length ? page.beginning(same) : page);
		if (same < page.length) break;
	}
	for (const item of items.slice(count)) {
		const json = `${count++ > 0 ? "," : ""}${JSON.stringify(item ?? null)}`;
		const bytes = Buffer.byteLength(json);
		if (!pages.at(-1)?.hasRoomFor(bytes)) pages.push(new Page(bytes));
		pages.at(-1)?.add(item, json, bytes);
	}
	return pages;
}
