/**
 * The one event vocabulary of the line: the stream events of the Messages API.
 * Source: platform.claude.com/docs/en/build-with-claude/streaming. Every dialect decodes into it, everything else reads it.
 */
import type { ContentBlock, Message, StopReason, Usage } from "./messages.ts";

export type BlockDelta =
	| { type: "text_delta"; text: string; pieces?: Pieces }
	| { type: "input_json_delta"; partial_json: string; pieces?: Pieces }
	| { type: "thinking_delta"; thinking: string; pieces?: Pieces }
	| { type: "signature_delta"; signature: string }
	| { type: "citations_delta"; citation: unknown };

/**
 * The deltas that came in one read, two or more, where they travel through the line as one; joined they are its text.
 * Each leaves as the event that it was (`pieces.ts`): inside the line only.
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
