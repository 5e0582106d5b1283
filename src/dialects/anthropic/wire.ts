/**
 * What an Anthropic-compatible endpoint may send instead of the Messages API's own events: every field optional, every
 * type untrusted.
 */
export interface LooseEvent {
	type: string;
	index?: unknown;
	message?: LooseMessage;
	content_block?: LooseBlock;
	delta?: LooseDelta;
	usage?: unknown;
	[field: string]: unknown;
}

export interface LooseMessage {
	id?: unknown;
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
