import type { MessageEvent } from "../../protocol/events.ts";
import type { StopReason } from "../../protocol/messages.ts";
import type { Sink } from "../../protocol/stage.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import type { RepairContext, ResponseRepair } from "../repair.ts";

/**
 * Treats a turn without an answer and without a tool call as a failed attempt. Before the commit point it is sent again
 * once. Reasoning alone is not an answer, but it has been shown by the time it ends: such a reply passes with a note,
 * because Claude Code itself asks once more (measured with 2.1.332). The second empty turn is the last one: the failure
 * says so, because Claude Code would show nothing.
 */
export const emptyTurn: ResponseRepair = {
	name: "empty-turn",
	stage: (context) => (next) => new EmptyTurn(next, context),
};

/** Replies that may be empty: the reason itself says what happened. */
const MAY_BE_EMPTY = new Set<StopReason | null>([
	"max_tokens",
	"model_context_window_exceeded",
	"pause_turn",
	"refusal",
	"stop_sequence",
]);

class EmptyTurn implements Sink<MessageEvent> {
	readonly #next: Sink<MessageEvent>;
	readonly #context: RepairContext;
	#hasAnswer = false;
	#hasThinking = false;
	#hasTool = false;

	constructor(next: Sink<MessageEvent>, context: RepairContext) {
		this.#next = next;
		this.#context = context;
	}

	push(event: MessageEvent): void {
		if (event.type === "content_block_start") this.#readBlock(event.content_block.type);
		else if (event.type === "content_block_delta") {
			if (event.delta.type === "text_delta") this.#hasAnswer ||= event.delta.text.trim() !== "";
		} else if (event.type === "message_delta") this.#judge(event.delta.stop_reason);
		this.#next.push(event);
	}

	end(): void {
		this.#next.end();
	}

	#readBlock(type: string): void {
		if (type === "thinking" || type === "redacted_thinking") this.#hasThinking = true;
		else if (type === "tool_use") this.#hasTool = true;
		// Any other block (a server tool, a search result) is an answer.
		else if (type !== "text") this.#hasAnswer = true;
	}

	#judge(reason: StopReason | null): void {
		const isPhantom = reason === "tool_use" && !this.#hasTool;
		if ((this.#hasAnswer && !isPhantom) || this.#hasTool || MAY_BE_EMPTY.has(reason)) return;
		const seen = this.#describe(isPhantom);
		// Claude Code or cc-any has already sent this request again.
		const isAgain = (this.#context.earlierEmptyTurns ?? 0) > 0;
		this.#context.onEmptyTurn?.();
		if (isAgain || this.#context.isCommitted?.() === false) throw UpstreamFailure.emptyTurn(seen, isAgain);
		this.#context.note({ kind: "empty-turn", where: "response", seen, done: "passed on: it was shown by then" });
	}

	#describe(isPhantom: boolean): string {
		if (isPhantom) return "a tool call was announced and none came";
		return this.#hasThinking ? "reasoning and no answer" : "empty reply";
	}
}
