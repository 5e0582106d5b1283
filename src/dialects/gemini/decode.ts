import type { MessageEvent } from "../../protocol/events.ts";
import { MessageWriter } from "../../protocol/message-writer.ts";
import type { StopReason, Usage } from "../../protocol/messages.ts";
import type { Frame } from "../../protocol/sse-frames.ts";
import type { Sink, Stage } from "../../protocol/stage.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import type { DecodeContext } from "../dialect.ts";
import { stopReasonOf, withDetail } from "../finish-reason.ts";
import { usedToolIds } from "../tools/tool-ids.ts";
import { parseFrame } from "./frames.ts";
import { PartReader } from "./part-reader.ts";
import { readUsage } from "./usage.ts";
import { Grounding } from "./web-search.ts";
import type { Candidate, GeminiChunk } from "./wire.ts";

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
	/** The last finish reason, and what Google says about it. Vertex AI sends STOP and then RECITATION. */
	#finish: { reason: string; detail: unknown } | undefined;
	#isBlocked = false;

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
		if (!this.#finish && !this.#isBlocked) throw UpstreamFailure.truncated("no finishReason");
		const stopReason = this.#stopReason();
		this.#parts.end(stopReason !== "end_turn" && stopReason !== "tool_use");
		this.#grounding.write(this.#writer, this.#context);
		if (!this.#usage) this.#note("usage-missing", "no usage in the reply", "no counts reported");
		this.#writer.finish(stopReason, this.#usage ?? {});
		this.#next.end();
	}

	#stopReason(): StopReason {
		if (this.#isBlocked || !this.#finish) return "refusal";
		const { reason, detail } = this.#finish;
		const { hasCalls } = this.#parts;
		if (hasCalls && reason === "UNEXPECTED_TOOL_CALL") {
			this.#note("finish-reason", withDetail(reason, detail), "the call is passed on");
			return "tool_use";
		}
		const stopReason = stopReasonOf(reason, detail);
		if (stopReason === undefined) this.#note("finish-reason", reason, "read as a normal end");
		if (stopReason === "refusal") this.#note("refusal", withDetail(reason, detail), "reported as a refusal");
		// Gemini's finish reason is STOP for a reply with calls too.
		return hasCalls && (stopReason ?? "end_turn") === "end_turn" ? "tool_use" : (stopReason ?? "end_turn");
	}

	#read(chunk: GeminiChunk): void {
		// Claude Code merges replies with the same id, and a short id may not be unique.
		if (typeof chunk.responseId === "string" && chunk.responseId.length >= 16) this.#writer.identify(chunk.responseId);
		this.#context.stated?.(chunk.modelVersion, chunk.usageMetadata);
		const usage = readUsage(chunk.usageMetadata);
		if (usage && !this.#writer.hasContent) this.#writer.startUsage(usage);
		this.#usage = usage ?? this.#usage;
		const { blockReason, blockReasonMessage } = chunk.promptFeedback ?? {};
		if (typeof blockReason === "string" && blockReason !== "" && !this.#isBlocked) {
			this.#isBlocked = true;
			const seen = `the prompt was blocked: ${withDetail(blockReason, blockReasonMessage)}`;
			this.#note("refusal", seen, "reported as a refusal");
		}
		// A second candidate is another reply. Claude Code asks for one.
		const candidate = chunk.candidates?.find((each) => (each.index ?? 0) === 0);
		if (candidate) this.#readCandidate(candidate);
	}

	#readCandidate(candidate: Candidate): void {
		const parts = candidate.content?.parts;
		for (const part of Array.isArray(parts) ? parts : []) this.#parts.read(part);
		this.#grounding.read(candidate.groundingMetadata);
		const reason = candidate.finishReason;
		// The enum's zero value: gateways send it while there is no reason yet.
		if (typeof reason !== "string" || reason === "" || reason.toUpperCase() === "FINISH_REASON_UNSPECIFIED") return;
		this.#finish = { reason, detail: candidate.finishMessage };
	}

	#note(kind: string, seen: string, done: string): void {
		this.#context.note({ kind, where: "response", seen, done });
	}
}
