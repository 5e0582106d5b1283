import type { MessageEvent } from "../../protocol/events.ts";
import { MessageWriter } from "../../protocol/message-writer.ts";
import type { StopReason, Usage } from "../../protocol/messages.ts";
import type { Frame } from "../../protocol/sse-frames.ts";
import type { Sink, Stage } from "../../protocol/stage.ts";
import { UpstreamFailure } from "../../upstream/failures/failure.ts";
import type { DecodeContext } from "../dialect.ts";
import { stopReasonOf } from "../finish-reason.ts";
import { usedToolIds } from "../tools/tool-ids.ts";
import { failureOf, parseFrame } from "./frames.ts";
import { ItemReader } from "./item-reader.ts";
import { readUsage } from "./usage.ts";
import type { Response, ResponseEvent } from "./wire.ts";

/** Translates the events of a response to the events of a Message. */
export function decode(context: DecodeContext): Stage<Frame, MessageEvent> {
	return (next) => new ResponsesDecoder(next, context);
}

class ResponsesDecoder implements Sink<Frame> {
	readonly #next: Sink<MessageEvent>;
	readonly #context: DecodeContext;
	readonly #writer: MessageWriter;
	readonly #items: ItemReader;

	constructor(next: Sink<MessageEvent>, context: DecodeContext) {
		this.#next = next;
		this.#context = context;
		const { target, mintId, note } = context;
		const usedIds = usedToolIds(context.request);
		this.#writer = new MessageWriter(next, { model: target.model, mintId, note, usedIds });
		this.#items = new ItemReader(this.#writer, context);
	}

	push(frame: Frame): void {
		const data = frame.data.trim();
		if (this.#writer.finished || data === "" || data === "[DONE]") return;
		this.#read(parseFrame(frame));
	}

	end(): void {
		if (!this.#writer.finished) throw UpstreamFailure.truncated("no response.completed");
		this.#next.end();
	}

	#read(event: ResponseEvent): void {
		switch (event.type) {
			case "response.created":
			case "response.in_progress":
				this.#begin(event.response);
				break;
			case "response.completed":
			// Azure and gateways in front of it.
			case "response.done":
				this.#finish(event.response ?? {});
				break;
			case "response.incomplete":
				this.#finish({ status: "incomplete", ...event.response });
				break;
			case "response.failed":
			case "response.cancelled":
				throw failureOf(event.response);
			default:
				// The rest (progress of searches, keep-alives, unknown events) is ignored by the reader.
				this.#items.read(event);
		}
	}

	#begin(response: Response | null | undefined): void {
		if (typeof response?.id === "string" && response.id !== "") this.#writer.identify(response.id);
		this.#context.stated?.(response?.model, response?.usage);
		const usage = readUsage(response?.usage);
		if (usage && !this.#writer.hasContent) this.#writer.startUsage(usage);
	}

	#finish(response: Response): void {
		if (response.status === "failed" || response.status === "cancelled") throw failureOf(response);
		this.#begin(response);
		const usage: Usage | undefined = readUsage(response.usage);
		const reason = this.#reasonOf(response);
		this.#items.end(Array.isArray(response.output) ? response.output : []);
		if (!usage) this.#note("usage-missing", "no usage in the reply", "no counts reported");
		this.#writer.finish(reason, usage ?? {});
	}

	#reasonOf(response: Response): StopReason {
		if (response.status !== "incomplete") return this.#items.hasCalls(response) ? "tool_use" : "end_turn";
		const reason = response.incomplete_details?.reason;
		const finish = typeof reason === "string" ? stopReasonOf(reason) : undefined;
		if (!finish) this.#note("finish-reason", `incomplete: ${reason ?? "no reason"}`, "read as the output limit");
		if (finish === "refusal") this.#note("refusal", String(reason), "reported as a refusal");
		return finish ?? "max_tokens";
	}

	#note(kind: string, seen: string, done: string): void {
		this.#context.note({ kind, where: "response", seen, done });
	}
}
