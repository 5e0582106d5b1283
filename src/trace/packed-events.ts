import type { BlockDelta, MessageEvent } from "../anthropic/events.ts";
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

/** Field of a delta that carries its text. */
const FIELDS: Partial<Record<BlockDelta["type"], string>> = {
	text_delta: "text",
	thinking_delta: "thinking",
	input_json_delta: "partial_json",
};

/** A tenth of the bytes: of thousands of deltas only the texts are kept. Deltas with further fields stay whole. */
export class EventPacker {
	readonly packed: PackedEvent[] = [];
	#run: Run | undefined;

	push(event: MessageEvent): void {
		const text = event.type === "content_block_delta" ? textOf(event.delta) : undefined;
		if (event.type !== "content_block_delta" || text === undefined || hasMore(event, 3)) {
			this.#run = undefined;
			this.packed.push(event);
		} else if (this.#run && this.#run.index === event.index && this.#run.of === event.delta.type) {
			this.#run.texts.push(text);
		} else {
			this.#run = { type: "run", of: event.delta.type, index: event.index, texts: [text] };
			this.packed.push(this.#run);
		}
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
		const field = FIELDS[type] ?? "text";
		return texts.map(
			(text) => ({ type: "content_block_delta", index, delta: { type, [field]: text } }) as MessageEvent,
		);
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

function textOf(delta: BlockDelta): string | undefined {
	const field = FIELDS[delta.type];
	if (field === undefined || hasMore(delta, 2)) return undefined;
	const text = (delta as unknown as Record<string, unknown>)[field];
	return typeof text === "string" ? text : undefined;
}

/** More fields than these. Called for every delta: no list is made. */
function hasMore(value: object, fields: number): boolean {
	let count = 0;
	for (const _field in value) count++;
	return count > fields;
}
