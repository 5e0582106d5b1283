import type { DivergenceData } from "../../protocol/divergence.ts";
import type { MessageEvent } from "../../protocol/events.ts";
import { MessageWriter } from "../../protocol/message-writer.ts";
import type { StopReason, Usage } from "../../protocol/messages.ts";
import type { Frame } from "../../protocol/sse-frames.ts";
import type { Sink, Stage } from "../../protocol/stage.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import type { DecodeContext } from "../dialect.ts";
import { ReasoningWriter } from "../reasoning/writer.ts";
import { usedToolIds } from "../tools/tool-ids.ts";
import { type Finish, finishOf, reasonIn } from "./finish-reason.ts";
import { parseFrame } from "./frames.ts";
import { carriedSignature } from "./reasoning.ts";
import { readUsage } from "./usage.ts";
import { Grounding } from "./web-search.ts";
import type { Candidate, GeminiChunk, ReplyPart } from "./wire.ts";

/** Translates the chunks of generateContent to the events of a Message. */
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
		if (data !== "" && data !== "[DONE]") this.#read(parseFrame(frame));
	}

	/** The stream has no last event. Usage may come with any chunk until the connection ends. */
	end(): void {
		if (this.#finish === undefined) throw UpstreamFailure.truncated("no finishReason");
		this.#parts.end();
		this.#grounding.write(this.#writer, this.#context.mintId);
		if (!this.#writer.hasContent) throw emptyReply(this.#finish);
		if (!this.#usage) this.#note("usage-missing", "no usage in the reply", "no counts reported");
		// Gemini's finish reason is STOP for a reply with calls too.
		const isCall = this.#finish === "end_turn" && this.#parts.hasCalls;
		this.#writer.finish(isCall ? "tool_use" : this.#finish, this.#usage ?? {});
		this.#next.end();
	}

	#read(chunk: GeminiChunk): void {
		// Claude Code merges replies with the same id, and a short id may not be unique.
		if (typeof chunk.responseId === "string" && chunk.responseId.length >= 16) this.#writer.identify(chunk.responseId);
		const usage = readUsage(chunk.usageMetadata);
		if (usage && !this.#writer.hasContent) this.#writer.startUsage(usage);
		this.#usage = usage ?? this.#usage;
		const { blockReason, blockReasonMessage } = chunk.promptFeedback ?? {};
		if (typeof blockReason === "string" && blockReason !== "") throw blockedPrompt(blockReason, blockReasonMessage);
		// A second candidate is another reply. Claude Code asks for one.
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
		if (finish === undefined) this.#note("finish-reason", reason, "read as a normal end");
		this.#finish ??= stopReasonOf(finish ?? "end_turn", reason, candidate.finishMessage);
	}

	#note(kind: string, seen: string, done: string): void {
		this.#context.note({ kind, where: "response", seen, done });
	}
}

/** Throws `UpstreamFailure` for a reason that does not end a reply normally. */
function stopReasonOf(finish: Finish, reason: string, detail: unknown): StopReason {
	const message = withDetail(reason, detail);
	const body = JSON.stringify({ error: { code: reason, message } });
	const source = { status: 200, headers: {}, body };
	switch (finish) {
		case "failed":
			throw UpstreamFailure.inReply(body);
		case "rejected":
			throw new UpstreamFailure(`the request was refused: ${message}`, { ...source, class: "bad-request" });
		case "malformed": {
			// The model wrote a call as code, which its server cannot read. A new attempt usually works.
			const text = `the model's tool call could not be read: ${message}`;
			throw new UpstreamFailure(text, { ...source, class: "tool-use-failed" });
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

/** A reply without any content is a failure, whatever its finish reason. */
function emptyReply(reason: StopReason): UpstreamFailure {
	if (reason !== "refusal") return UpstreamFailure.emptyTurn("empty reply");
	return UpstreamFailure.inReply('{"error":{"code":"content_filter","message":"content_filter: no reply was given"}}');
}

/** The fields of a text or a call. A part without any of them is something else. */
const READ_FIELDS = ["text", "thought", "thoughtSignature", "functionCall"];

/**
 * Reads the parts of a reply. A call is always whole. Its thought signature has to go back with it: the thinking block
 * before the call carries it. Signatures of texts are optional in the API and are dropped, because a block after the
 * answer would hide the answer from `claude -p`.
 */
class PartReader {
	readonly #writer: MessageWriter;
	readonly #context: DecodeContext;
	readonly #reasoning: ReasoningWriter;
	readonly #usedIds: Set<string>;
	#calls = 0;
	#inText = false;
	/** A call with a name was read. */
	hasCalls = false;

	constructor(writer: MessageWriter, context: DecodeContext, usedIds: ReadonlySet<string>) {
		this.#writer = writer;
		this.#context = context;
		this.#reasoning = new ReasoningWriter(writer, context.note);
		this.#usedIds = new Set(usedIds);
	}

	read(part: ReplyPart | null | undefined): void {
		if (!part) return;
		if (part.functionCall) this.#readCall(part.functionCall, part.thoughtSignature);
		else if (typeof part.text === "string") {
			if (part.thought === true) this.#reasoning.thinking(part.text);
			else this.#text(part.text);
		} else {
			const unread = Object.keys(part).filter((field) => !READ_FIELDS.includes(field));
			if (unread.length > 0) this.#note("unread-item", unread.join(", "), "left out: Claude Code has no counterpart");
		}
	}

	/** The reply is over. */
	end(): void {
		this.#reasoning.end();
	}

	#text(text: string): void {
		if (text === "") return;
		if (!this.#inText) this.#reasoning.beforeItem(true);
		this.#inText = true;
		this.#writer.text(text);
	}

	#readCall(call: NonNullable<ReplyPart["functionCall"]>, signature: unknown): void {
		this.#inText = false;
		this.#reasoning.beforeItem(false);
		const key = this.#calls++;
		const id = this.#idOf(call.id);
		if (typeof signature === "string" && signature !== "")
			this.#writer.signature(carriedSignature(id, signature, this.#context.target));
		const name = typeof call.name === "string" ? call.name : "";
		if (name !== "") this.hasCalls = true;
		const json = typeof call.args === "string" ? call.args : JSON.stringify(call.args ?? {});
		this.#writer.toolUse(key, { id, name: this.#context.toolNames.get(name) ?? name, json });
		this.#writer.closeTool(key);
	}

	/** Most models send no ids. A repeated id is replaced here, because the thought signature is stored under it. */
	#idOf(given: unknown): string {
		const isFree = typeof given === "string" && given !== "" && !this.#usedIds.has(given);
		const id = isFree ? given : this.#context.mintId("toolu_");
		if (!isFree && typeof given === "string" && given !== "")
			this.#note("repeated-tool-call-id", given, `given the id ${id}`, { toolCalls: [given, id] });
		this.#usedIds.add(id);
		return id;
	}

	#note(kind: string, seen: string, done: string, data?: DivergenceData): void {
		this.#context.note({ kind, where: "response", seen, done, ...(data && { data }) });
	}
}
