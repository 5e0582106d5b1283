import type { RepairName } from "../profile/model/repair-names.ts";
import type { Target } from "../profile/model/target.ts";
import type { Note } from "../protocol/divergence.ts";
import type { MessageEvent } from "../protocol/events.ts";
import type { MessageParam, MessageRequest } from "../protocol/messages.ts";
import type { Stage } from "../protocol/stage.ts";

export interface RepairContext {
	/** The request that is answered, after the request repairs. */
	request: MessageRequest;
	target: Target;
	mintId: (prefix: string) => string;
	note: Note;
	/** Whether content has reached Claude Code: such a reply cannot be requested again. Default: it has. */
	isCommitted?: (() => boolean) | undefined;
	/** How many empty turns the same request got before. */
	earlierEmptyTurns?: number | undefined;
	/** Called when the reply is an empty turn. */
	onEmptyTurn?: (() => void) | undefined;
	/**
	 * Called when the reply is to be discarded and the request sent again with this change. Without it, the reply passes as
	 * it is.
	 */
	onAskAgain?: ((change: RequestChange) => void) | undefined;
}

/** How a request differs that is sent again because of its reply. */
export interface RequestChange {
	/** Turns that follow: the call of the reply, and what was wrong with it. */
	addedTurns?: readonly MessageParam[] | undefined;
	/** No tool can be called. */
	withoutTools?: boolean | undefined;
}

/** A pure rewrite of the request before it is encoded. Returns the same object when there is nothing to do. */
export interface RequestRepair {
	readonly name: RepairName;
	apply(request: MessageRequest, context: Omit<RepairContext, "request">): MessageRequest;
}

/** A pure rewrite of the reply. Tests hold each one to two laws: a clean stream stays the same, and the grammar is kept. */
export interface ResponseRepair {
	readonly name: RepairName;
	stage(context: RepairContext): Stage<MessageEvent, MessageEvent>;
}
