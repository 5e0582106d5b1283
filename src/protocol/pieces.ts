import type { BlockDelta, BlockDeltaEvent, MessageEvent, Pieces } from "./events.ts";

/** A delta that adds text to its block; the others are signatures and citations. */
export type TextDelta = Extract<BlockDelta, { pieces?: Pieces }>;

/** The text that a delta adds to its block; undefined for a delta of another kind. */
export function deltaText(delta: BlockDelta): string | undefined {
	switch (delta.type) {
		case "text_delta":
			return delta.text;
		case "thinking_delta":
			return delta.thinking;
		case "input_json_delta":
			return delta.partial_json;
		default:
			return undefined;
	}
}

/** The same delta event with another text, which came in these pieces. */
export function withDeltaText(event: BlockDeltaEvent, text: string, pieces?: Pieces): BlockDeltaEvent {
	return { ...event, delta: textDelta(event.delta.type, text, pieces) };
}

/** The pieces of a delta that stands for several. */
export function piecesOf(event: MessageEvent): Pieces | undefined {
	return event.type === "content_block_delta" && "pieces" in event.delta ? event.delta.pieces : undefined;
}

/** The events that an event stands for: one for each of its pieces, or itself. */
export function singleEvents(event: BlockDeltaEvent): BlockDeltaEvent[];
export function singleEvents(event: MessageEvent): MessageEvent[];
export function singleEvents(event: MessageEvent): MessageEvent[] {
	const pieces = piecesOf(event);
	return pieces ? pieces.map((text) => withDeltaText(event as BlockDeltaEvent, text)) : [event];
}

/** A delta of a kind that adds text. */
export function textDelta(type: BlockDelta["type"], text: string, pieces?: Pieces): TextDelta {
	const inPieces = pieces && { pieces };
	if (type === "thinking_delta") return { type, thinking: text, ...inPieces };
	if (type === "input_json_delta") return { type, partial_json: text, ...inPieces };
	return { type: "text_delta", text, ...inPieces };
}
