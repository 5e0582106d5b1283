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
export function packEvents(events: readonly MessageEvent[]): PackedEvent[] {
	const packed: PackedEvent[] = [];
	let run: Run | undefined;
	for (const event of events) {
		const text = event.type === "content_block_delta" ? textOf(event.delta) : undefined;
		if (event.type !== "content_block_delta" || text === undefined || Object.keys(event).length !== 3) {
			run = undefined;
			packed.push(event);
		} else if (run && run.index === event.index && run.of === event.delta.type) {
			run.texts.push(text);
		} else {
			run = { type: "run", of: event.delta.type, index: event.index, texts: [text] };
			packed.push(run);
		}
	}
	return packed;
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
	if (field === undefined || Object.keys(delta).length !== 2) return undefined;
	const text = (delta as unknown as Record<string, unknown>)[field];
	return typeof text === "string" ? text : undefined;
}
