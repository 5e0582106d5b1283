import type { MessageEvent } from "../../protocol/events.ts";
import type { Frame } from "../../protocol/frame.ts";
import { MessageWriter } from "../../protocol/message-writer.ts";
import type { StopReason, Usage } from "../../protocol/messages.ts";
import type { Sink, Stage } from "../../protocol/stage.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import type { DecodeContext } from "../dialect.ts";
import { usedToolIds } from "../tools/tool-ids.ts";
import { parseChunk } from "./chunk.ts";
import { type Finish, finishOf, reasonIn } from "./finish-reason.ts";
import { Grounding } from "./grounding.ts";
import { PartReader } from "./part-reader.ts";
import { readUsage } from "./usage.ts";
import type { Candidate, Chunk } from "./wire.ts";

/** Chunks of generateContent as the events of a Message. */
export function decode(context: DecodeContext): Stage<Frame, MessageEvent> {
	return (next) => new GeminiDecoder(next, context);
}

class GeminiDecoder implements Sink<Frame> {
	readonly #next: Sink<MessageEvent>;
	readonly #context: DecodeContext;
	readonly #writer: MessageWriter;
	readonly #parts: PartReader;
	readonly #grounding = new Grounding();
	#usage: Usage | undefined;
	#finish: StopReason | undefined;

	constructor(next: Sink<MessageEvent>, context: DecodeContext) {
		this.#next = next;
		this.#context = context;
		const { target, mintId, note } = context;
		const usedIds = usedToolIds(context.request);
		this.#writer = new MessageWriter(next, { model: target.model, mintId, note, usedIds });
		this.#parts = new PartReader(this.#writer, context, usedIds);
	}

	push(frame: Frame): void {
		const data = frame.data.trim();
		if (data !== "" && data !== "[DONE]") this.#read(parseChunk(frame));
	}

	/** There is no last event: the connection ends, and usage may come with any chunk up to then. */
	end(): void {
		if (this.#finish === undefined) throw UpstreamFailure.truncated("no finishReason");
		this.#parts.end();
		this.#grounding.write(this.#writer, this.#context.mintId);
		if (!this.#writer.hasContent) throw emptyReply(this.#finish);
		if (!this.#usage) this.#note("usage-missing", "no usage in the reply", "counts left open");
		// Gemini ends a reply with calls by STOP like any other.
		const isCall = this.#finish === "end_turn" && this.#parts.hasCalls;
		this.#writer.finish(isCall ? "tool_use" : this.#finish, this.#usage ?? {});
		this.#next.end();
	}

	#read(chunk: Chunk): void {
		// Claude Code takes replies of one id for one message: a short id may not be unique.
		if (typeof chunk.responseId === "string" && chunk.responseId.length >= 16) this.#writer.identify(chunk.responseId);
		const usage = readUsage(chunk.usageMetadata);
		if (usage && !this.#writer.hasContent) this.#writer.startUsage(usage);
		this.#usage = usage ?? this.#usage;
		const { blockReason, blockReasonMessage } = chunk.promptFeedback ?? {};
		if (typeof blockReason === "string" && blockReason !== "") throw blockedPrompt(blockReason, blockReasonMessage);
		// A second candidate is another reply; Claude Code asks for one.
		const candidates = Array.isArray(chunk.candidates) ? chunk.candidates : [];
		const candidate = candidates.find((each) => (each?.index ?? 0) === 0);
		if (candidate) this.#readCandidate(candidate);
	}

	#readCandidate(candidate: Candidate): void {
		const parts = candidate.content?.parts;
		for (const part of Array.isArray(parts) ? parts : []) this.#parts.read(part);
		this.#grounding.read(candidate.groundingMetadata);
		const reason = reasonIn(candidate.finishReason);
		if (reason === undefined) return;
		const finish = finishOf(reason);
		if (finish === undefined) this.#note("finish-reason", reason, "taken for a normal end");
		this.#finish ??= stopReasonOf(finish ?? "end_turn", reason, candidate.finishMessage);
	}

	#note(kind: string, seen: string, done: string): void {
		this.#context.note({ kind, where: "response", seen, done });
	}
}

/** Throws `UpstreamFailure` for a reason that is no end of a reply. */
function stopReasonOf(finish: Finish, reason: string, detail: unknown): StopReason {
	const message = withDetail(reason, detail);
	const body = JSON.stringify({ error: { code: reason, message } });
	const source = { status: 200, headers: {}, body };
	switch (finish) {
		case "failed":
			throw UpstreamFailure.inReply(body);
		case "rejected":
			throw new UpstreamFailure(`the request was refused: ${message}`, { ...source, kind: "bad-request" });
		case "malformed": {
			// A new attempt usually works: by chance the model writes a call as code, which its server cannot read.
			const text = `the model's tool call could not be read: ${message}`;
			throw new UpstreamFailure(text, { ...source, kind: "tool-use-failed" });
		}
		default:
			return finish;
	}
}

function withDetail(reason: string, detail: unknown): string {
	return typeof detail === "string" && detail !== "" ? `${reason}: ${detail}` : reason;
}

function blockedPrompt(reason: string, detail: unknown): UpstreamFailure {
	const message = `content_filter: the prompt was blocked: ${withDetail(reason, detail)}`;
	return UpstreamFailure.inReply(JSON.stringify({ error: { code: "content_filter", message } }));
}

/** A reply without any content is no success, whatever the provider calls it. */
function emptyReply(reason: StopReason): UpstreamFailure {
	if (reason !== "refusal") return UpstreamFailure.truncated("empty reply");
	return UpstreamFailure.inReply('{"error":{"code":"content_filter","message":"content_filter: no reply was given"}}');
}
