import type { Target } from "../profile/model/target.ts";
import type { Note } from "../protocol/divergence.ts";
import type { MessageEvent } from "../protocol/events.ts";
import type { MessageRequest } from "../protocol/messages.ts";
import type { Stage } from "../protocol/stage.ts";

export interface RepairContext {
	/** The request that is answered, after the request repairs. */
	request: MessageRequest;
	target: Target;
	mintId: (prefix: string) => string;
	note: Note;
	/** Whether content has reached Claude Code. Without it, the reply counts as one that cannot be requested again. */
	isCommitted?: () => boolean;
	/** Records that the reply is an empty turn. Returns how often this request got one, this reply included; default 1. */
	countEmptyTurn?: () => number;
}

/** A pure rewrite of the request before it is encoded. Returns the same object when there is nothing to do. */
export interface RequestRepair {
	readonly name: string;
	apply(request: MessageRequest, context: Omit<RepairContext, "request">): MessageRequest;
}

/**
 * A pure rewrite of the reply. Two laws, tested for all: identity on clean streams, and the grammar is preserved.
 */
export interface ResponseRepair {
	readonly name: string;
	stage(context: RepairContext): Stage<MessageEvent, MessageEvent>;
}
