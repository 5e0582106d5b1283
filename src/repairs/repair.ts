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
	/** Whether content has reached Claude Code. Where it is not told, the attempt is taken for one that cannot be repeated. */
	isCommitted?: () => boolean;
	/** Requests of this run that were answered without an answer, by a text that is the same for the same request. */
	emptyTurns?: Set<string>;
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
