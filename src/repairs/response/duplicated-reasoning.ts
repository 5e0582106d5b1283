import { excerpt } from "../../protocol/divergence.ts";
import { type BlockDeltaEvent, type MessageEvent, singleEvents } from "../../protocol/events.ts";
import type { Sink } from "../../protocol/stage.ts";
import type { RepairContext, ResponseRepair } from "../repair.ts";
import { eventText, TextQueue } from "./text-queue.ts";

/** An answer may well begin with the words of a short thought; nobody writes so much twice. */
const SHORTEST = 200;

/**
 * Reasoning that a server sends in its own field and once more at the beginning of the text is left out of the text.
 * A text that is nothing but the reasoning stays: it is the only answer there is.
 */
export const duplicatedReasoning: ResponseRepair = {
	name: "duplicated-reasoning",
	stage: (context) => (next) => new DuplicatedReasoning(next, context),
};

class DuplicatedReasoning implements Sink<MessageEvent> {
	readonly #next: Sink<MessageEvent>;
	readonly #context: RepairContext;
	#thinking: string[] = [];
	/** Set while the text is the reasoning word by word. */
	#comparison: { reasoning: string; matched: number; length: number; queue: TextQueue } | undefined;

	constructor(next: Sink<MessageEvent>, context: RepairContext) {
		this.#next = next;
		this.#context = context;
	}

	push(event: MessageEvent): void {
		if (event.type === "content_block_start" && event.content_block.type === "text") this.#startText();
		else if (event.type === "content_block_delta") {
			if (event.delta.type === "thinking_delta") this.#thinking.push(event.delta.thinking);
			if (event.delta.type === "text_delta" && this.#comparison) {
				for (const single of singleEvents(event)) this.#compare(single);
				return;
			}
		} else if (event.type !== "ping") this.#giveUp();
		this.#next.push(event);
	}

	end(): void {
		this.#next.end();
	}

	#startText(): void {
		const reasoning = this.#thinking.join("").trim();
		this.#thinking = [];
		if (reasoning.length < SHORTEST) return;
		this.#comparison = { reasoning, matched: 0, length: 0, queue: new TextQueue() };
	}

	#compare(event: BlockDeltaEvent): void {
		const comparison = this.#comparison;
		if (!comparison) {
			this.#next.push(event);
			return;
		}
		const text = eventText(event);
		const { reasoning, queue } = comparison;
		queue.push(event);
		// White space before the reasoning, and behind it, belongs to neither.
		const isEdge = comparison.matched === 0 || comparison.matched === reasoning.length;
		const rest = isEdge ? text.trimStart() : text;
		const part = rest.slice(0, reasoning.length - comparison.matched);
		if (!reasoning.startsWith(part, comparison.matched)) {
			this.#giveUp(text.length);
			return;
		}
		comparison.matched += part.length;
		const behind = rest.slice(part.length).trimStart();
		comparison.length += text.length - behind.length;
		if (behind === "") return;
		for (const kept of queue.drop(comparison.length)) this.#next.push(kept);
		for (const kept of queue.release(behind.length)) this.#next.push(kept);
		this.#comparison = undefined;
		this.#context.note({
			kind: "duplicated-reasoning",
			where: "response.text",
			seen: excerpt(reasoning),
			done: "left out of the text: it came as reasoning",
		});
	}

	/** It is not the reasoning again: what was held is text, with what came last. */
	#giveUp(last = 0): void {
		const comparison = this.#comparison;
		this.#comparison = undefined;
		for (const event of comparison?.queue.release(comparison.length + last) ?? []) this.#next.push(event);
	}
}
