import { asObject } from "../../platform/json.ts";
import type { MessageEvent } from "../../protocol/events.ts";
import { MessageWriter } from "../../protocol/message-writer.ts";
import type { Usage } from "../../protocol/messages.ts";
import type { Frame } from "../../protocol/sse-frames.ts";
import type { Sink, Stage } from "../../protocol/stage.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import type { DecodeContext } from "../dialect.ts";
import { writeSignature } from "../reasoning/signature.ts";
import { usedToolIds } from "../tools/tool-ids.ts";
import { type Finish, finishOf } from "./finish-reason.ts";
import { parseFrame } from "./frames.ts";
import { ReasoningReader } from "./reasoning.ts";
import { ToolCallReader } from "./tool-calls.ts";
import { readUsage } from "./usage.ts";
import type { ChatChoice, ChatDelta, ToolCallDelta } from "./wire.ts";

/** Translates the chunks of a chat completion to the events of a Message. */
export function decode(context: DecodeContext): Stage<Frame, MessageEvent> {
	return (next) => new ChatDecoder(next, context);
}

class ChatDecoder implements Sink<Frame> {
	readonly #next: Sink<MessageEvent>;
	readonly #context: DecodeContext;
	readonly #writer: MessageWriter;
	readonly #reasoning: ReasoningReader;
	readonly #calls: ToolCallReader;
	#usage: Usage | undefined;
	#finish: Finish | undefined;
	/** White space before the first word, held until that arrives; undefined from then on. */
	#space: string | undefined = "";

	constructor(next: Sink<MessageEvent>, context: DecodeContext) {
		this.#next = next;
		this.#context = context;
		const { target, mintId, note } = context;
		this.#writer = new MessageWriter(next, {
			model: target.model,
			mintId,
			note,
			usedIds: usedToolIds(context.request),
		});
		this.#reasoning = new ReasoningReader(this.#writer, target, note);
		this.#calls = new ToolCallReader(this.#writer, context.toolNames);
	}

	push(frame: Frame): void {
		const data = frame.data.trim();
		// An empty frame is a keep-alive.
		if (this.#writer.finished || data === "") return;
		if (data === "[DONE]") {
			this.#done();
			return;
		}
		const chunk = parseFrame(frame);
		if (typeof chunk.id === "string" && isUniqueId(chunk.id)) this.#writer.identify(chunk.id);
		this.#readUsage(chunk.usage);
		// A second choice is another reply. Claude Code asks for one.
		const choice = chunk.choices?.find((candidate) => (candidate.index ?? 0) === 0);
		if (choice) this.#readChoice(choice, frame.data);
	}

	end(): void {
		// Usage often follows the finish reason, so the end is written when nothing more can come.
		if (!this.#writer.finished) {
			if (this.#finish === undefined) throw UpstreamFailure.truncated("no finish reason and no [DONE]");
			this.#writeEnd(this.#finish);
		}
		this.#next.end();
	}

	#done(): void {
		if (this.#finish === undefined && this.#writer.hasContent) {
			this.#note("missing-finish-reason", "[DONE] without a finish reason", "read as a normal end");
		}
		this.#writeEnd(this.#finish ?? "end_turn");
	}

	#readUsage(usage: unknown): void {
		const counts = readUsage(usage);
		if (!counts) return;
		if (!this.#writer.hasContent) this.#writer.startUsage(counts);
		this.#usage = { ...this.#usage, ...counts };
	}

	#readChoice(choice: ChatChoice, data: string): void {
		this.#readUsage(choice.usage);
		if (choice.delta) this.#readDelta(choice.delta);
		else if (choice.message) this.#readMessage(choice.message);
		if (typeof choice.finish_reason !== "string" || choice.finish_reason === "") return;
		const finish = finishOf(choice.finish_reason);
		if (finish === undefined) this.#note("finish-reason", choice.finish_reason, "read as a normal end");
		if (finish === "failed") throw UpstreamFailure.inReply(data);
		// Some servers repeat the reason in a last empty chunk: the first one counts.
		this.#finish ??= finish ?? "end_turn";
		this.#context.settled?.();
	}

	/** A whole message: the reply itself, or a copy of it that some gateways add to the end of a stream. */
	#readMessage(message: ChatDelta): void {
		if (!this.#writer.hasContent) this.#readDelta(message);
		else this.#note("repeated-message", "the whole message after its pieces", "left out");
	}

	#readDelta(delta: ChatDelta): void {
		this.#reasoning.read(delta);
		this.#readContent(delta.content);
		if (typeof delta.refusal === "string") this.#text(delta.refusal);
		const calls = delta.tool_calls ?? (delta.function_call && [{ index: 0, function: delta.function_call }]);
		if (Array.isArray(calls)) this.#calls.read(calls, (call) => this.#beforeCall(call));
	}

	/** A text, or a list of typed parts (Mistral's reasoning models). */
	#readContent(content: unknown): void {
		if (typeof content === "string") this.#text(content);
		if (!Array.isArray(content)) return;
		for (const part of content.map(asObject)) {
			if (part["type"] === "thinking") this.#reasoning.readText(partText(part["thinking"]));
			else this.#text(partText(part["text"]));
		}
	}

	#text(text: string): void {
		if (text === "") return;
		// Chat templates leave line breaks before the reasoning and before a call. Alone they are not an answer.
		const whole = (this.#space ?? "") + text;
		if (this.#space !== undefined && whole.trim() === "") {
			this.#space = whole;
			return;
		}
		this.#space = undefined;
		this.#reasoning.beforeText();
		this.#writer.text(whole);
	}

	#beforeCall(delta: ToolCallDelta): void {
		this.#reasoning.beforeCall();
		if (delta.extra_content === undefined || typeof delta.id !== "string") return;
		// A thought signature has to go back with its call: a thinking block before the call carries it.
		this.#calls.closeLast();
		const state = { extraContent: { [delta.id]: delta.extra_content } };
		this.#writer.signature(writeSignature(state, this.#context.target));
	}

	#writeEnd(finish: Finish): void {
		this.#calls.end();
		if (this.#space) this.#note("white-space", JSON.stringify(this.#space), "left out");
		if (!this.#writer.hasContent) throw emptyReply(finish, this.#usage);
		this.#reasoning.end();
		if (!this.#usage) this.#note("usage-missing", "no usage in the reply", "no counts reported");
		const reason = finish === "overflow" || finish === "failed" ? "model_context_window_exceeded" : finish;
		this.#writer.finish(reason, this.#usage ?? {});
	}

	#note(kind: string, seen: string, done: string): void {
		this.#context.note({ kind, where: "response", seen, done });
	}
}

/** A reply without any content is a failure, whatever its finish reason. */
function emptyReply(finish: Finish, usage: Partial<Usage> | undefined): UpstreamFailure {
	// Ollama and MiMo truncate a prompt that is too long, and then have no tokens left for the reply.
	const isFull = finish === "max_tokens" && !usage?.output_tokens;
	if (finish === "overflow" || isFull)
		return UpstreamFailure.inReply('{"error":{"message":"model_context_window_exceeded"}}');
	if (finish === "refusal") {
		return UpstreamFailure.inReply(
			'{"error":{"code":"content_filter","message":"content_filter: no reply was given"}}',
		);
	}
	return UpstreamFailure.emptyTurn("empty reply");
}

function partText(value: unknown): string {
	if (typeof value === "string") return value;
	if (!Array.isArray(value)) return "";
	return value.map((part) => asObject(part)["text"] ?? "").join("");
}

/** Claude Code merges replies with the same id, and Ollama's ids repeat: they go up to `chatcmpl-999`. */
function isUniqueId(id: string): boolean {
	return id.length >= 16;
}
