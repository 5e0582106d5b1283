import { asObject } from "../../platform/json.ts";
import type { MessageEvent } from "../../protocol/events.ts";
import type { StopReason } from "../../protocol/messages.ts";
import type { Frame } from "../../protocol/sse-frames.ts";
import type { Sink, Stage } from "../../protocol/stage.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import type { DecodeContext } from "../dialect.ts";
import { stopReasonOf } from "../finish-reason.ts";
import { usedToolIds } from "../tools/tool-ids.ts";
import { BlockNormaliser } from "./blocks.ts";
import { ChatFieldReader, type ChatPart, type Said, separateChatFields, thinkingFirst } from "./chat-fields.ts";
import { framesOf, parseFrame } from "./frames.ts";
import { completeMessage, contentOf, documentedEnd } from "./message-form.ts";
import { deltaUsage, startUsage } from "./usage.ts";
import { type LooseBlock, type LooseEvent, type LooseMessage, trusted } from "./wire.ts";

/**
 * Turns the events of an Anthropic-compatible endpoint into those that the Messages API documents. A correct event passes
 * as the object it is, and keeps the text it came with; only incorrect ones are rebuilt, with a note.
 */
export function decode(context: DecodeContext): Stage<Frame, MessageEvent> {
	return (next) => new AnthropicDecoder(next, context);
}

/** Indexes of the blocks that are read from fields of chat completions; an endpoint's own are smaller. */
const CHAT_INDEX = 1_000_000;

class AnthropicDecoder implements Sink<Frame> {
	readonly #next: Sink<MessageEvent>;
	readonly #context: DecodeContext;
	readonly #blocks: BlockNormaliser;
	readonly #chat: ChatFieldReader;
	/** What the reply has said in the fields of the Messages API. */
	readonly #said = new Set<Said>();
	#usage = startUsage(undefined);
	#started = false;
	#stopped = false;
	#isDone = false;
	/** What the reply says about its end in fields of chat completions. */
	readonly #chatEnd: { stop_reason?: unknown; usage?: unknown } = {};
	/** The message_delta, held until the end: blocks may still have to be closed, or a second one brings the usage. */
	#delta: LooseEvent | undefined;

	constructor(next: Sink<MessageEvent>, context: DecodeContext) {
		this.#next = next;
		this.#context = context;
		this.#blocks = new BlockNormaliser(next, context, usedToolIds(context.request));
		this.#chat = new ChatFieldReader(context, (event) => this.#readChatBlock(event));
	}

	push(frame: Frame): void {
		const data = frame.data.trim();
		if (this.#stopped || data === "") return;
		if (data === "[DONE]") {
			this.#isDone = true;
			return;
		}
		const { own, parts } = separateChatFields(parseFrame(frame));
		if (own) this.#readEvent(own, parts, data);
		else this.#readChat(parts);
	}

	#readEvent(own: LooseEvent, parts: readonly ChatPart[], data: string): void {
		switch (own.type) {
			case "message":
				// The whole reply as the only frame of a stream.
				for (const frame of framesOf(data)) this.push(frame);
				break;
			case "message_start": {
				const { thinking, rest } = thinkingFirst(parts);
				this.#start(own);
				this.#readChat(thinking);
				this.#readContent(own.message ?? {});
				this.#readChat(rest);
				break;
			}
			case "message_delta":
			case "message_stop":
				// The end comes after the content of its event.
				this.#readChat(parts);
				this.#read(own);
				break;
			default:
				this.#read(own);
				this.#readChat(parts);
		}
	}

	end(): void {
		if (!this.#stopped) {
			const isOver = this.#isDone || this.#delta !== undefined || this.#chatEnd.stop_reason !== undefined;
			if (!isOver) throw UpstreamFailure.truncated("no message_delta and no message_stop");
			this.#note("missing-message-stop", "the stream ends without message_stop", "message_stop added");
			this.#finish({ type: "message_stop" });
		}
		this.#next.end();
	}

	#readChat(parts: readonly ChatPart[]): void {
		for (const part of parts) {
			this.#ensureStarted("a chat completion");
			this.#chat.read(part, this.#said);
			this.#chatEnd.stop_reason ??= part.finishReason;
			this.#chatEnd.usage ??= part.usage;
		}
	}

	#readChatBlock(event: MessageEvent): void {
		if ("index" in event) this.#blocks.read({ ...event, index: CHAT_INDEX + Number(event.index) });
	}

	#read(event: LooseEvent): void {
		switch (event.type) {
			case "ping":
				this.#next.push(trusted(event));
				break;
			case "content_block_start":
			case "content_block_delta":
			case "content_block_stop":
				this.#ensureStarted(event.type);
				this.#remember(event);
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
		this.#context.stated?.(message.model, message.usage);
		this.#usage = startUsage(message.usage);
		const complete = completeMessage(message, this.#usage, this.#context);
		if (complete === message) this.#next.push(trusted(event));
		else {
			this.#note("incomplete-message-start", Object.keys(message).join(", "), "completed");
			this.#next.push(trusted({ ...event, message: complete }));
		}
	}

	/** Some endpoints send the whole reply in its start. */
	#readContent(message: LooseMessage): void {
		for (const [index, content_block] of contentOf(message).entries()) {
			this.#read({ type: "content_block_start", index, content_block });
			this.#read({ type: "content_block_stop", index });
		}
	}

	#remember({ content_block, delta }: LooseEvent): void {
		const { type, text, thinking }: LooseBlock = asObject(content_block);
		if (type === "tool_use") this.#said.add("tool_use");
		if (text || delta?.text) this.#said.add("text");
		if (thinking || delta?.thinking) this.#said.add("thinking");
	}

	#ensureStarted(type: string): void {
		if (this.#started) return;
		this.#note("missing-message-start", `${type} before message_start`, "message_start added");
		this.#start({ type: "message_start", message: {} });
	}

	#keepDelta(given: LooseEvent): void {
		this.#ensureStarted(given.type);
		this.#context.stated?.(undefined, given.usage);
		const event = documentedEnd(given);
		if (event !== given) this.#note("delta-form", Object.keys(given).join(", "), "rewritten in the documented form");
		if (!this.#delta) {
			this.#delta = event;
			return;
		}
		// Later values win, but null does not erase an earlier value.
		const delta = { ...this.#delta.delta, ...present(event.delta) };
		const usage = { ...asObject(this.#delta.usage), ...present(event.usage) };
		this.#delta = { ...this.#delta, ...event, delta, usage };
		this.#note("second-message-delta", "message_delta came again", "merged into the first");
	}

	#finish(stop: LooseEvent): void {
		this.#ensureStarted(stop.type);
		this.#stopped = true;
		this.#chat.end();
		this.#blocks.closeAll();
		if (!this.#delta) this.#note("missing-message-delta", "message_stop without message_delta", "message_delta added");
		const event = this.#delta ?? { type: "message_delta", delta: {} };
		this.#next.push(trusted(this.#completeDelta(event)));
		this.#next.push(trusted(stop));
	}

	/** The held message_delta with a stop reason that fits the blocks. The same object when it is correct. */
	#completeDelta(given: LooseEvent): LooseEvent {
		const event = this.#chatEnd.usage && !given.usage ? { ...given, usage: this.#chatEnd.usage } : given;
		const said = event.delta?.stop_reason ?? this.#chatEnd.stop_reason;
		const sequence = event.delta?.stop_sequence;
		const stop_sequence = typeof sequence === "string" ? sequence : null;
		const stop_reason = this.#stopReason(said, stop_sequence);
		const usage = deltaUsage(event.usage, this.#usage);
		const isRight =
			event.delta?.stop_reason === stop_reason && event.delta?.stop_sequence === stop_sequence && event.usage === usage;
		if (event.usage !== undefined && event.usage !== usage)
			this.#note("usage", JSON.stringify(event.usage), "completed");
		if (event.usage === undefined)
			this.#note("usage-missing", "message_delta without usage", "counts of message_start kept");
		if (isRight) return event;
		if (said !== stop_reason) this.#note("stop-reason", String(said), `reported as ${stop_reason}`);
		return { ...event, type: "message_delta", delta: { ...event.delta, stop_reason, stop_sequence }, usage };
	}

	/** The stop reason that fits the blocks. The same value when the endpoint's own is correct, or unknown. */
	#stopReason(said: unknown, stopSequence: unknown): StopReason {
		const reason = typeof said === "string" ? (stopReasonOf(said) ?? (said as StopReason)) : "end_turn";
		const { hasToolUse } = this.#blocks;
		if (reason === "end_turn" && hasToolUse) return "tool_use";
		if (reason === "tool_use" && !hasToolUse) return "end_turn";
		// llama.cpp names the sequence but not the reason.
		return reason === "end_turn" && typeof stopSequence === "string" ? "stop_sequence" : reason;
	}

	#note(kind: string, seen: string, done: string): void {
		this.#context.note({ kind, where: "response", seen, done });
	}
}

function present(fields: unknown): { [field: string]: unknown } {
	return Object.fromEntries(Object.entries(asObject(fields)).filter(([, value]) => value !== null));
}
