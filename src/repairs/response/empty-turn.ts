import type { MessageEvent } from "../../protocol/events.ts";
import type { StopReason, Usage } from "../../protocol/messages.ts";
import type { Sink } from "../../protocol/stage.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import type { RepairContext, ResponseRepair } from "../repair.ts";

/** Claude Code compacts the conversation on an overflow, but not on an empty reply (measured with 2.1.332). */
function overflow(): UpstreamFailure {
	return UpstreamFailure.inReply('{"error":{"message":"model_context_window_exceeded"}}');
}

/**
 * The one rule for replies that say nothing, on every wire. A limit or a refusal is the end that it is. A prompt that
 * filled the context window is an overflow. Any other turn without an answer and without a tool call is a failed attempt:
 * before the commit point it throws, so the request is sent again once. Reasoning alone is not an answer, but it has been
 * shown by the time it ends: such a reply passes with a note, because Claude Code itself asks again (measured with
 * 2.1.332). The second empty turn is the last one: the failure reports it, because Claude Code would show nothing.
 */
export const emptyTurn: ResponseRepair = {
	name: "empty-turn",
	stage: (context) => (next) => new EmptyTurn(next, context),
};

/** Reasons with which a reply may be empty: they say what happened. */
const MAY_BE_EMPTY = new Set<StopReason | null>(["max_tokens", "pause_turn", "refusal", "stop_sequence"]);

/** The smallest context window in use. */
const MIN_WINDOW_TOKENS = 1000;

class EmptyTurn implements Sink<MessageEvent> {
	readonly #next: Sink<MessageEvent>;
	readonly #context: RepairContext;
	#hasAnswer = false;
	#hasThinking = false;
	#hasTool = false;
	#blocks = 0;
	#usage: Partial<Usage> = {};

	constructor(next: Sink<MessageEvent>, context: RepairContext) {
		this.#next = next;
		this.#context = context;
	}

	push(event: MessageEvent): void {
		if (event.type === "content_block_start") this.#readBlock(event.content_block.type);
		else if (event.type === "content_block_delta") {
			if (event.delta.type === "text_delta") this.#hasAnswer ||= event.delta.text.trim() !== "";
		} else if (event.type === "message_start") this.#usage = event.message.usage;
		else if (event.type === "message_delta") {
			this.#usage = { ...this.#usage, ...event.usage };
			this.#judge(event.delta.stop_reason);
		}
		this.#next.push(event);
	}

	end(): void {
		this.#next.end();
	}

	#readBlock(type: string): void {
		this.#blocks++;
		if (type === "thinking" || type === "redacted_thinking") this.#hasThinking = true;
		else if (type === "tool_use") this.#hasTool = true;
		// Any other block (a server tool, a search result) is an answer.
		else if (type !== "text") this.#hasAnswer = true;
	}

	#judge(reason: StopReason | null): void {
		const isPhantom = reason === "tool_use" && !this.#hasTool;
		if ((this.#hasAnswer && !isPhantom) || this.#hasTool) return;
		if (this.#blocks === 0 && this.#isOverflow(reason)) throw overflow();
		if (MAY_BE_EMPTY.has(reason) || reason === "model_context_window_exceeded") return;
		const seen = this.#describe(isPhantom);
		// Claude Code or cc-any has already sent this request again.
		const isAgain = (this.#context.earlierEmptyTurns ?? 0) > 0;
		this.#context.onEmptyTurn?.();
		if (isAgain || this.#context.isCommitted?.() === false) throw UpstreamFailure.emptyTurn(seen, isAgain);
		this.#context.note({ kind: "empty-turn", where: "response", seen, done: "passed on: it was already shown" });
	}

	/** Ollama and MiMo truncate a prompt that is too long, have no token left for the reply, and call that the limit. */
	#isOverflow(reason: StopReason | null): boolean {
		const { input_tokens: input = 0, cache_read_input_tokens: read = 0, output_tokens: output } = this.#usage;
		const isFull = reason === "max_tokens" && output === 0 && input + (read ?? 0) >= MIN_WINDOW_TOKENS;
		return isFull || reason === "model_context_window_exceeded";
	}

	#describe(isPhantom: boolean): string {
		if (isPhantom) return "a tool call was announced, but none came";
		return this.#hasThinking ? "reasoning without an answer" : "empty reply";
	}
}
