import type { ContentBlock, Message, StopReason, Usage } from "./messages.ts";
/**
 * The stream events of the Messages API. Every dialect decodes into them, and all other stages read them.
 * Source: platform.claude.com/docs/en/build-with-claude/streaming.
 */

export type BlockDelta =
	| { type: "text_delta"; text: string; pieces?: Pieces }
	| { type: "input_json_delta"; partial_json: string; pieces?: Pieces }
	| { type: "thinking_delta"; thinking: string; pieces?: Pieces }
	| { type: "signature_delta"; signature: string }
	| { type: "citations_delta"; citation: unknown };

/**
 * The texts of two or more deltas that arrived in one read and pass through the pipeline as one event, whose text is all
 * of them joined. They are sent to Claude Code as single events again.
 */
export type Pieces = readonly string[];

export interface MessageStart {
	type: "message_start";
	message: Message;
}

export interface BlockStart {
	type: "content_block_start";
	index: number;
	content_block: ContentBlock;
}

export interface BlockDeltaEvent {
	type: "content_block_delta";
	index: number;
	delta: BlockDelta;
}

export interface BlockStop {
	type: "content_block_stop";
	index: number;
}

export interface MessageDelta {
	type: "message_delta";
	delta: { stop_reason: StopReason | null; stop_sequence: string | null; [field: string]: unknown };
	/** Counters overwrite those of message_start when present; they never add up. */
	usage: Partial<Usage>;
	[field: string]: unknown;
}

export interface MessageStop {
	type: "message_stop";
}

export interface Ping {
	type: "ping";
}

export interface ErrorEvent {
	type: "error";
	error: { type: string; message: string };
	request_id?: string;
}

export type MessageEvent =
	| MessageStart
	| BlockStart
	| BlockDeltaEvent
	| BlockStop
	| MessageDelta
	| MessageStop
	| Ping
	| ErrorEvent;

/** A delta that adds text to its block. The others are signatures and citations. */
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

/** The same delta event with another text, and its pieces. */
export function withDeltaText(event: BlockDeltaEvent, text: string, pieces?: Pieces): BlockDeltaEvent {
	return { ...event, delta: textDelta(event.delta.type, text, pieces) };
}

/** The pieces of a joined delta. */
export function piecesOf(event: MessageEvent): Pieces | undefined {
	return event.type === "content_block_delta" && "pieces" in event.delta ? event.delta.pieces : undefined;
}

/** The events that were joined to this one, or the event itself. */
export function singleEvents(event: BlockDeltaEvent): BlockDeltaEvent[];
export function singleEvents(event: MessageEvent): MessageEvent[];
export function singleEvents(event: MessageEvent): MessageEvent[] {
	const pieces = piecesOf(event);
	if (event.type !== "content_block_delta" || !pieces) return [event];
	return pieces.map((text) => withDeltaText(event, text));
}

/** A delta that adds text; a text delta if the type is one that adds none. */
export function textDelta(type: BlockDelta["type"], text: string, pieces?: Pieces): TextDelta {
	const inPieces = pieces && { pieces };
	if (type === "thinking_delta") return { type, thinking: text, ...inPieces };
	if (type === "input_json_delta") return { type, partial_json: text, ...inPieces };
	return { type: "text_delta", text, ...inPieces };
}
