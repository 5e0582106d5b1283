import type { MessageEvent } from "../../protocol/events.ts";

/**
 * An event of an Anthropic-compatible endpoint, which may differ from the Messages API's own: every field is optional,
 * every type untrusted.
 */
export interface LooseEvent {
	type: string;
	index?: unknown;
	message?: LooseMessage;
	/** A block, or the text of one. */
	content_block?: unknown;
	delta?: LooseDelta;
	usage?: unknown;
	[field: string]: unknown;
}

export interface LooseMessage {
	id?: unknown;
	model?: unknown;
	content?: unknown;
	usage?: unknown;
	[field: string]: unknown;
}

export interface LooseBlock {
	type?: unknown;
	id?: unknown;
	name?: unknown;
	text?: unknown;
	thinking?: unknown;
	input?: unknown;
	[field: string]: unknown;
}

export interface LooseDelta {
	type?: unknown;
	text?: unknown;
	thinking?: unknown;
	partial_json?: unknown;
	stop_reason?: unknown;
	stop_sequence?: unknown;
	[field: string]: unknown;
}

/** An event that was found right, or was made right. The same object, so that it keeps the text it came with. */
export function trusted(event: LooseEvent): MessageEvent {
	return event as unknown as MessageEvent;
}
