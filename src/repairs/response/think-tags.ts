import { excerpt } from "../../protocol/divergence.ts";
import {
	type BlockDeltaEvent,
	type BlockStart,
	type BlockStop,
	type MessageDelta,
	type MessageEvent,
	singleEvents,
} from "../../protocol/events.ts";
import type { Sink } from "../../protocol/stage.ts";
import { type ThinkPart, ThinkScanner } from "../markup/scanner/think-scanner.ts";
import type { RepairContext, ResponseRepair } from "../repair.ts";
import { BlockOutput } from "./block-output.ts";
import { eventText, TextQueue, withoutStart } from "./text-queue.ts";

/**
 * Turns reasoning between tags in the text into thinking blocks. A closing tag without an opening one is removed; the text
 * before it has already been shown. If the chat template opens the reasoning itself, the profile declares it
 * (`reasoningPrefilled`), and the text begins as thinking.
 */
export const thinkTags: ResponseRepair = {
	name: "think-tags",
	stage: (context) => (next) => new ThinkTags(next, context),
};

const EMPTY_TEXT = { type: "text", text: "" } as const;
const EMPTY_THINKING = { type: "thinking", thinking: "", signature: "" } as const;

class ThinkTags implements Sink<MessageEvent> {
	readonly #next: Sink<MessageEvent>;
	readonly #output: BlockOutput;
	readonly #context: RepairContext;
	/** Set while a text block is open. */
	#text: { scanner: ThinkScanner; queue: TextQueue; blank: BlockDeltaEvent[] } | undefined;
	/** A tag was found in this block. */
	#hasTags = false;
	/** Reasoning without a closing tag so far. */
	#unclosed: string[] = [];
	#hasContent = false;
	#isFirstText = true;

	constructor(next: Sink<MessageEvent>, context: RepairContext) {
		this.#next = next;
		this.#output = new BlockOutput(next);
		this.#context = context;
	}

	push(event: MessageEvent): void {
		if (event.type === "content_block_start") this.#start(event);
		else if (event.type === "content_block_delta") this.#delta(event);
		else if (event.type === "content_block_stop") this.#stop(event);
		else if (event.type === "message_delta") this.#messageDelta(event);
		else this.#next.push(event);
	}

	end(): void {
		this.#next.end();
	}

	#start(event: BlockStart): void {
		const { type } = event.content_block;
		if (type !== "text") {
			if (type === "tool_use") this.#hasContent = true;
			// A server that sends reasoning in its own field does not leave it in the text.
			if (type === "thinking") this.#isFirstText = false;
			this.#output.start(event);
			return;
		}
		const isPrefilled = this.#isFirstText && this.#context.target.quirks.reasoningPrefilled;
		this.#isFirstText = false;
		this.#hasTags = isPrefilled;
		this.#text = { scanner: new ThinkScanner(isPrefilled), queue: new TextQueue(), blank: [] };
		this.#output.holdStart(isPrefilled ? { ...event, content_block: EMPTY_THINKING } : event);
	}

	#delta(event: BlockDeltaEvent): void {
		if (!this.#text || event.delta.type !== "text_delta") {
			this.#output.add(event);
			return;
		}
		if (this.#text.scanner.skim(event.delta.text)) {
			this.#writeText(event);
			return;
		}
		for (const single of singleEvents(event)) {
			this.#text.queue.push(single);
			this.#apply(this.#text.scanner.push(eventText(single)));
		}
	}

	#stop(event: BlockStop): void {
		if (!this.#text) {
			this.#output.stop(event);
			return;
		}
		this.#apply(this.#text.scanner.end());
		this.#writeBlank(this.#text.blank);
		this.#text = undefined;
		if (this.#hasTags && this.#output.isHeld) this.#output.leaveOut();
		else this.#output.stop(event);
	}

	#apply(parts: readonly ThinkPart[]): void {
		const queue = this.#text?.queue;
		if (!queue) return;
		for (const part of parts) {
			if (part.kind === "text") for (const event of queue.release(part.length)) this.#writeText(event);
			else for (const event of queue.drop(part.length)) this.#writeText(event);
			if (part.kind === "thinking") this.#writeThinking(part.text);
			else if (part.kind === "open" || part.kind === "close") this.#switch(part.kind, part.tag);
			else if (part.kind === "lone") this.#note(part.tag, "left out; what came before it was shown as text");
		}
	}

	#switch(kind: "open" | "close", tag: string): void {
		this.#hasTags = true;
		this.#text?.blank.splice(0);
		if (this.#output.isHeld) this.#output.leaveOut();
		else this.#output.stop({ type: "content_block_stop", index: 0 });
		this.#unclosed = [];
		const content_block = kind === "open" ? EMPTY_THINKING : EMPTY_TEXT;
		this.#output.holdStart({ type: "content_block_start", index: 0, content_block });
		if (kind === "open") this.#note(tag, "the text between the tags became a thinking block");
	}

	/** White space before the first text is written only when text follows. After reasoning it is dropped. */
	#writeText(event: BlockDeltaEvent): void {
		const text = this.#text;
		if (!text) return;
		if (this.#output.isHeld && eventText(event).trim() === "") {
			text.blank.push(event);
			return;
		}
		if (text.blank.length > 0) this.#writeBlank(text.blank.splice(0));
		this.#hasContent = true;
		const isFirst = this.#hasTags && this.#output.isHeld;
		const blank = isFirst ? eventText(event).length - eventText(event).trimStart().length : 0;
		for (const kept of withoutStart(event, blank)) this.#output.add(kept);
	}

	#writeBlank(blank: readonly BlockDeltaEvent[]): void {
		if (!this.#hasTags) for (const event of blank) this.#output.add(event);
	}

	#writeThinking(thinking: string): void {
		if (thinking === "") return;
		this.#unclosed.push(thinking);
		this.#output.add({ type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking } });
	}

	/** A reply that is all reasoning without a closing tag is shown as the answer too. */
	#messageDelta(event: MessageDelta): void {
		const text = this.#unclosed.join("");
		if (!this.#hasContent && text.trim() !== "" && event.delta.stop_reason === "end_turn") {
			this.#output.block(EMPTY_TEXT, [{ type: "text_delta", text }]);
			this.#note(excerpt(text), "reasoning without an end and without an answer: shown as the answer too");
		}
		this.#next.push(event);
	}

	#note(seen: string, done: string): void {
		this.#context.note({ kind: "think-tag", where: "response.text", seen, done });
	}
}
