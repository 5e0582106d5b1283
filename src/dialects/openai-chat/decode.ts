import type { MessageEvent } from "../../protocol/events.ts";
import { MessageWriter } from "../../protocol/message-writer.ts";
import type { StopReason, Usage } from "../../protocol/messages.ts";
import type { Frame } from "../../protocol/sse-frames.ts";
import type { Sink, Stage } from "../../protocol/stage.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import type { DecodeContext } from "../dialect.ts";
import { stopReasonOf } from "../finish-reason.ts";
import { isPresent } from "../frames.ts";
import { usedToolIds } from "../tools/tool-ids.ts";
import { parseFrame } from "./frames.ts";
import { ChatMessageReader } from "./message-reader.ts";
import { Searches } from "./searches.ts";
import { readUsage } from "./usage.ts";
import type { ChatChoice, ChatDelta } from "./wire.ts";

/** Translates the chunks of a chat completion to the events of a Message. */
export function decode(context: DecodeContext): Stage<Frame, MessageEvent> {
	return (next) => new ChatDecoder(next, context);
}

/** Some gateways write it as JSON, or in lower case. */
const DONE = /^"?\[done\]"?$/i;

class ChatDecoder implements Sink<Frame> {
	readonly #next: Sink<MessageEvent>;
	readonly #context: DecodeContext;
	readonly #writer: MessageWriter;
	readonly #message: ChatMessageReader;
	readonly #searches: Searches;
	#usage: Usage | undefined;
	#finish: StopReason | undefined;
	#stopSequence: string | undefined;
	#hasRepeatedMessage = false;

	constructor(next: Sink<MessageEvent>, context: DecodeContext) {
		this.#next = next;
		this.#context = context;
		const { target, mintId, note } = context;
		const usedIds = usedToolIds(context.request);
		this.#writer = new MessageWriter(next, { model: target.model, mintId, note, usedIds });
		this.#message = new ChatMessageReader(this.#writer, context);
		this.#searches = new Searches(context);
	}

	push(frame: Frame): void {
		const data = frame.data.trim();
		// An empty frame is a keep-alive.
		if (this.#writer.finished || data === "") return;
		if (DONE.test(data)) {
			this.#done();
			return;
		}
		const chunk = parseFrame(frame);
		if (typeof chunk.id === "string" && isUniqueId(chunk.id)) this.#writer.identify(chunk.id);
		const usage = chunk.usage ?? chunk.x_groq?.usage;
		this.#context.stated?.(chunk.model, usage);
		this.#readUsage(usage);
		this.#searches.readChunk(chunk);
		// A second choice is another reply. Claude Code asks for one.
		const choice = chunk.choices?.find((candidate) => (candidate.index ?? 0) === 0);
		if (choice) this.#readChoice(choice);
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
		if (this.#finish === undefined)
			this.#note("missing-finish-reason", "[DONE] without a finish reason", "read as a normal end");
		this.#writeEnd(this.#finish ?? "end_turn");
	}

	#readUsage(usage: unknown): void {
		const counts = readUsage(usage);
		if (!counts) return;
		if (!this.#writer.hasContent) this.#writer.startUsage(counts);
		this.#usage = { ...this.#usage, ...counts };
	}

	#readChoice(choice: ChatChoice): void {
		if (choice.usage) this.#context.stated?.(undefined, choice.usage);
		this.#readUsage(choice.usage);
		for (const part of [choice.delta, choice.message]) if (part) this.#searches.readMessage(part);
		if (choice.delta) this.#message.read(choice.delta);
		if (choice.message) this.#readMessage(choice.message);
		// OpenRouter reports a failure of the provider inside the choice.
		if (isPresent(choice.error)) throw UpstreamFailure.inReply(JSON.stringify({ error: choice.error }));
		const { finish_reason: reason } = choice;
		if (typeof reason !== "string" || reason === "") return;
		const finish = stopReasonOf(reason);
		if (finish === undefined) this.#note("finish-reason", reason, "read as a normal end");
		if (finish === "refusal" && this.#finish === undefined) this.#note("refusal", reason, "reported as a refusal");
		this.#stopSequence ??= this.#stopSequenceOf(choice);
		// Some servers repeat the reason in a last empty chunk: the first one counts.
		this.#finish ??= finish ?? "end_turn";
		this.#context.settled?.();
	}

	/** vLLM and SGLang name the stop sequence that was found. A number is a token of the model's own. */
	#stopSequenceOf({ stop_reason, matched_stop }: ChatChoice): string | undefined {
		const sequences = this.#context.request.stop_sequences ?? [];
		return sequences.find((sequence) => sequence === stop_reason || sequence === matched_stop);
	}

	/** A whole message: the reply itself, or a copy of what the deltas have said (Perplexity sends both in each chunk). */
	#readMessage(message: ChatDelta): void {
		if (!this.#writer.hasContent) {
			this.#message.read(message, true);
			return;
		}
		if (!this.#hasRepeatedMessage) this.#note("repeated-message", "the whole message after its pieces", "left out");
		this.#hasRepeatedMessage = true;
	}

	#writeEnd(finish: StopReason): void {
		this.#message.end();
		this.#searches.write(this.#writer);
		if (!this.#usage) this.#note("usage-missing", "no usage in the reply", "no counts reported");
		const isStopSequence = this.#stopSequence !== undefined && (finish === "end_turn" || finish === "stop_sequence");
		if (isStopSequence) this.#writer.finish("stop_sequence", this.#usage ?? {}, this.#stopSequence);
		else this.#writer.finish(finish === "stop_sequence" ? "end_turn" : finish, this.#usage ?? {});
	}

	#note(kind: string, seen: string, done: string): void {
		this.#context.note({ kind, where: "response", seen, done });
	}
}

/** Claude Code merges replies with the same id, and Ollama's ids repeat: they go up to `chatcmpl-999`. */
function isUniqueId(id: string): boolean {
	return id.length >= 16;
}
