import {
	type BlockDelta,
	type BlockDeltaEvent,
	deltaText,
	type MessageEvent,
	piecesOf,
	textDelta,
} from "../../protocol/events.ts";
import type { Redactor } from "./redact.ts";
import { redactSequence, redactTexts } from "./redact-sequence.ts";

/** Consecutive deltas of one block and kind: their texts alone say everything. */
interface Run {
	type: "run";
	of: BlockDelta["type"];
	index: number;
	texts: string[];
}

export type PackedEvent = MessageEvent | Run;

/** A tenth of the bytes: of thousands of deltas only the texts are kept. Deltas with further fields stay whole. */
export class EventPacker {
	readonly packed: PackedEvent[] = [];
	#run: Run | undefined;

	push(event: MessageEvent): void {
		const texts = event.type === "content_block_delta" ? textsOf(event) : undefined;
		if (event.type !== "content_block_delta" || texts === undefined) {
			this.#run = undefined;
			this.packed.push(event);
			return;
		}
		if (this.#run?.index !== event.index || this.#run.of !== event.delta.type) {
			this.#run = { type: "run", of: event.delta.type, index: event.index, texts: [] };
			this.packed.push(this.#run);
		}
		for (const text of texts) this.#run.texts.push(text);
	}
}

/** Packs a list of events. */
export function packEvents(events: readonly MessageEvent[]): PackedEvent[] {
	const packer = new EventPacker();
	for (const event of events) packer.push(event);
	return packer.packed;
}

/** Puts the events back together. */
export function unpackEvents(packed: readonly PackedEvent[]): MessageEvent[] {
	return packed.flatMap((item) => {
		if (item.type !== "run") return [item];
		const { of: type, index, texts } = item;
		return texts.map((text): MessageEvent => ({ type: "content_block_delta", index, delta: textDelta(type, text) }));
	});
}

/** Packed events without secrets, also those that come in pieces. */
export function redactPacked(packed: readonly PackedEvent[], redactor: Redactor): readonly PackedEvent[] {
	const others = packed.filter((item) => item.type !== "run");
	const kept = redactSequence(others, redactor);
	let next = 0;
	return packed.map((item) =>
		item.type === "run" ? { ...item, texts: redactTexts(item.texts, redactor) } : (kept[next++] ?? item),
	);
}

function textsOf(event: BlockDeltaEvent): readonly string[] | undefined {
	const pieces = piecesOf(event);
	if (pieces) return pieces;
	const text = deltaText(event.delta);
	// A text that is no string comes as it came: from an endpoint of the same wire.
	return typeof text !== "string" || hasMore(event, 3) || hasMore(event.delta, 2) ? undefined : [text];
}

/** More fields than these. Called for every delta: no list is made. */
function hasMore(value: object, fields: number): boolean {
	let count = 0;
	for (const _field in value) count++;
	return count > fields;
}
