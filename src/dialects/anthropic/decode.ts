import { asObject } from "../../platform/json.ts";
import type { MessageEvent } from "../../protocol/events.ts";
import type { Usage } from "../../protocol/messages.ts";
import type { Frame } from "../../protocol/sse-frames.ts";
import type { Sink, Stage } from "../../protocol/stage.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import type { DecodeContext } from "../dialect.ts";
import { usedToolIds } from "../tools/tool-ids.ts";
import { BlockNormaliser } from "./blocks.ts";
import { mayBeEmpty, stopReasonOf } from "./finish-reason.ts";
import { parseFrame } from "./frames.ts";
import { deltaUsage, startUsage } from "./usage.ts";
import { type LooseEvent, type LooseMessage, trusted } from "./wire.ts";

/**
 * Turns the events of an Anthropic-compatible endpoint into those that the Messages API documents. A correct event passes
 * as the object it is, and keeps the text it came with; only incorrect ones are rebuilt, with a note.
 */
export function decode(context: DecodeContext): Stage<Frame, MessageEvent> {
	return (next) => new AnthropicDecoder(next, context);
}

class AnthropicDecoder implements Sink<Frame> {
	readonly #next: Sink<MessageEvent>;
	readonly #context: DecodeContext;
	readonly #blocks: BlockNormaliser;
	#usage = startUsage(undefined);
	#started = false;
	#stopped = false;
	/** The message_delta, held until the end: blocks may still have to be closed, or a second one brings the usage. */
	#delta: LooseEvent | undefined;

	constructor(next: Sink<MessageEvent>, context: DecodeContext) {
		this.#next = next;
		this.#context = context;
		this.#blocks = new BlockNormaliser(next, context, usedToolIds(context.request));
	}

	push(frame: Frame): void {
		const data = frame.data.trim();
		if (this.#stopped || data === "" || data === "[DONE]") return;
		this.#read(parseFrame(frame));
	}

	end(): void {
		if (!this.#stopped) {
			if (!this.#delta) throw UpstreamFailure.truncated("no message_delta and no message_stop");
			this.#note("missing-message-stop", "the stream ends after message_delta", "message_stop added");
			this.#finish({ type: "message_stop" });
		}
		this.#next.end();
	}

	#read(event: LooseEvent): void {
		switch (event.type) {
			case "ping":
				this.#next.push(trusted(event));
				break;
			case "message_start":
				this.#start(event);
				break;
			case "content_block_start":
			case "content_block_delta":
			case "content_block_stop":
				this.#ensureStarted(event.type);
				if (this.#delta) this.#note("late-block", `${event.type} after message_delta`, "put before it");
				this.#blocks.read(event);
				break;
			case "message_delta":
				this.#keepDelta(event);
				break;
			case "message_stop":
				this.#finish(event);
				break;
			default:
				// Unknown events pass as they are: Claude Code ignores them (measured with 2.1.332).
				if (this.#started) this.#next.push(trusted(event));
		}
	}

	#start(event: LooseEvent): void {
		if (this.#started) {
			this.#note("second-message-start", "message_start came again", "left out");
			return;
		}
		this.#started = true;
		const message = event.message ?? {};
		this.#usage = startUsage(message.usage);
		const complete = completeMessage(message, this.#usage, this.#context);
		if (complete === message) this.#next.push(trusted(event));
		else {
			this.#note("incomplete-message-start", Object.keys(message).join(", "), "completed");
			this.#next.push(trusted({ ...event, message: complete }));
		}
		// Some endpoints send the whole reply in its start.
		for (const [index, content_block] of (Array.isArray(message.content) ? message.content : []).entries()) {
			this.#blocks.read({ type: "content_block_start", index, content_block });
			this.#blocks.read({ type: "content_block_stop", index });
		}
	}

	#ensureStarted(type: string): void {
		if (this.#started) return;
		this.#note("missing-message-start", `${type} before message_start`, "message_start added");
		this.#start({ type: "message_start", message: {} });
	}

	#keepDelta(event: LooseEvent): void {
		this.#ensureStarted(event.type);
		if (!this.#delta) {
			this.#delta = event;
			return;
		}
		// Later values win, but null does not erase an earlier value.
		const delta = { ...this.#delta.delta, ...present(event.delta) };
		const usage = { ...asObject(this.#delta.usage), ...present(event.usage) };
		this.#delta = { ...this.#delta, ...event, delta, usage };
		this.#note("second-message-delta", "message_delta came again", "joined with the first");
	}

	#finish(stop: LooseEvent): void {
		this.#ensureStarted(stop.type);
		this.#stopped = true;
		this.#blocks.closeAll();
		if (!this.#delta) this.#note("missing-message-delta", "message_stop without message_delta", "message_delta added");
		const event = this.#delta ?? { type: "message_delta", delta: {} };
		const complete = this.#completeDelta(event);
		const reason = complete.delta?.stop_reason ?? "end_turn";
		if (!this.#blocks.hasContent && !mayBeEmpty(reason)) throw UpstreamFailure.emptyTurn("empty reply");
		this.#next.push(trusted(complete));
		this.#next.push(trusted(stop));
	}

	/** The held message_delta with a stop reason that fits the blocks. The same object when it is correct. */
	#completeDelta(event: LooseEvent): LooseEvent {
		const said = event.delta?.stop_reason;
		const stop_sequence = event.delta?.stop_sequence ?? null;
		const stop_reason = stopReasonOf({
			reason: said,
			stopSequence: stop_sequence,
			hasToolUse: this.#blocks.hasToolUse,
		});
		const usage = deltaUsage(event.usage, this.#usage);
		const isRight = said === stop_reason && event.delta?.stop_sequence === stop_sequence && event.usage === usage;
		if (event.usage !== undefined && event.usage !== usage)
			this.#note("usage", JSON.stringify(event.usage), "completed");
		if (event.usage === undefined)
			this.#note("usage-missing", "message_delta without usage", "counts of message_start kept");
		if (isRight) return event;
		if (said !== stop_reason) this.#note("stop-reason", String(said), `reported as ${stop_reason}`);
		return { ...event, type: "message_delta", delta: { ...event.delta, stop_reason, stop_sequence }, usage };
	}

	#note(kind: string, seen: string, done: string): void {
		this.#context.note({ kind, where: "response", seen, done });
	}
}

/** The message of message_start with all its fields. The same object when nothing is missing. */
function completeMessage(message: LooseMessage, usage: Usage, context: DecodeContext): LooseMessage {
	const isComplete = typeof message.id === "string" && message.id !== "" && message.usage === usage;
	if (isComplete && Array.isArray(message.content) && message.content.length === 0) return message;
	return {
		type: "message",
		role: "assistant",
		model: context.target.model,
		stop_reason: null,
		stop_sequence: null,
		...message,
		id: message.id || context.mintId("msg_"),
		content: [],
		usage,
	};
}

function present(fields: unknown): { [field: string]: unknown } {
	return Object.fromEntries(Object.entries(asObject(fields)).filter(([, value]) => value !== null));
}
