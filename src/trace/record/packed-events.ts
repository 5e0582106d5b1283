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

/** Consecutive deltas of one block and kind, which differ only in their texts. */
interface Run {
	type: "run";
	of: BlockDelta["type"];
	index: number;
	texts: string[];
}

export type PackedEvent = MessageEvent | Run;

/** Packs deltas to a tenth of their size by keeping only their texts. Deltas with further fields stay whole. */
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

/** Restores the events. */
export function unpackEvents(packed: readonly PackedEvent[]): MessageEvent[] {
	return packed.flatMap((item) => {
		if (item.type !== "run") return [item];
		const { of: type, index, texts } = item;
		return texts.map((text): MessageEvent => ({ type: "content_block_delta", index, delta: textDelta(type, text) }));
	});
}

/** Packed events without secrets, including secrets that span several deltas. */
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
	// An Anthropic-compatible endpoint may send a text that is not a string; it is passed on unchanged.
	return typeof text !== "string" || hasMore(event, 3) || hasMore(event.delta, 2) ? undefined : [text];
}

/** Whether an object has more fields. Called for every delta, so it allocates nothing. */
function hasMore(value: object, fields: number): boolean {
	let count = 0;
	for (const _field in value) count++;
	return count > fields;
}
