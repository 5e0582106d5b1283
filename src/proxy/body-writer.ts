import { isSameJson } from "../upstream/json.ts";

/** A list of a body as it was sent. */
interface WrittenList {
	items: readonly unknown[];
	/** Their JSON in UTF-8, with commas between. */
	bytes: Buffer;
	/** Where the JSON of each item ends in it. */
	ends: readonly number[];
}

/** Conversations that are remembered at once: the main one, and the latest subagents. Each holds its last body. */
const MAX_LANES = 4;

/**
 * Writes bodies of which each is the last one with more at its end, as the requests of a conversation are: what is
 * unchanged at the beginning of a list is copied, not written again. Comparing a megabyte of texts takes a tenth of a
 * millisecond, writing it as JSON and as UTF-8 ten (docs/performance.md).
 */
export class BodyWriter {
	/** Lane → field → the list that stood there last; the lane that was used last is at the end. */
	readonly #lanes = new Map<string, Map<string, WrittenList>>();

	/** The bytes of `JSON.stringify(body)`. A lane is one conversation with one model. */
	write(lane: string, body: object): Buffer {
		const before = this.#lanes.get(lane);
		const chunks = new Chunks();
		const lists: { field: string; items: unknown[]; start: number; ends: number[] }[] = [];
		let text = "{";
		for (const [field, value] of Object.entries(body)) {
			if (value === undefined) continue;
			text += `${text === "{" ? "" : ","}${JSON.stringify(field)}:`;
			if (!Array.isArray(value)) {
				text += JSON.stringify(value);
				continue;
			}
			chunks.add(Buffer.from(`${text}[`));
			lists.push({ field, items: value, start: chunks.size, ends: writeItems(value, before?.get(field), chunks) });
			text = "]";
		}
		chunks.add(Buffer.from(`${text}}`));
		const bytes = chunks.joined();
		const written = lists.map(({ field, items, start, ends }): [string, WrittenList] => {
			return [field, { items, ends, bytes: bytes.subarray(start, start + (ends.at(-1) ?? 0)) }];
		});
		this.#remember(lane, new Map(written));
		return bytes;
	}

	#remember(lane: string, lists: Map<string, WrittenList>): void {
		this.#lanes.delete(lane);
		for (const oldest of this.#lanes.keys()) {
			if (this.#lanes.size < MAX_LANES) break;
			this.#lanes.delete(oldest);
		}
		this.#lanes.set(lane, lists);
	}
}

class Chunks {
	size = 0;
	readonly #chunks: Buffer[] = [];

	add(bytes: Buffer): void {
		this.size += bytes.length;
		this.#chunks.push(bytes);
	}

	joined(): Buffer {
		return Buffer.concat(this.#chunks, this.size);
	}
}

/** Returns where each item ends, counted from the beginning of the first. */
function writeItems(items: readonly unknown[], before: WrittenList | undefined, chunks: Chunks): number[] {
	const kept = before ? sameItems(before.items, items) : 0;
	const ends = before?.ends.slice(0, kept) ?? [];
	if (before && kept > 0) chunks.add(before.bytes.subarray(0, ends.at(-1)));
	let end = ends.at(-1) ?? 0;
	for (const item of items.slice(kept)) {
		const bytes = Buffer.from(`${end > 0 ? "," : ""}${JSON.stringify(item ?? null)}`);
		end += bytes.length;
		ends.push(end);
		chunks.add(bytes);
	}
	return ends;
}

function sameItems(before: readonly unknown[], now: readonly unknown[]): number {
	const other = now.findIndex((item, index) => index >= before.length || !isSameJson(before[index], item));
	return other < 0 ? now.length : other;
}
