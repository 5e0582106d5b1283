import { excerpt } from "../../protocol/divergence.ts";
import { type BlockDeltaEvent, type MessageEvent, singleEvents } from "../../protocol/events.ts";
import type { Sink } from "../../protocol/stage.ts";
import type { RepairContext, ResponseRepair } from "../repair.ts";
import { eventText, TextQueue } from "./text-queue.ts";

/** An answer may begin with the words of a shorter thought. */
const MIN_REPEATED_CHARS = 200;

/**
 * Removes reasoning from the beginning of the text if the server has already sent it in its own field. A text that is
 * nothing but the reasoning stays, because it is the only answer.
 */
export const duplicatedReasoning: ResponseRepair = {
	name: "duplicated-reasoning",
	stage: (context) => (next) => new DuplicatedReasoning(next, context),
};

class DuplicatedReasoning implements Sink<MessageEvent> {
	readonly #next: Sink<MessageEvent>;
	readonly #context: RepairContext;
	#thinking: string[] = [];
	/** Set while the text so far equals the beginning of the reasoning. */
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
		if (reasoning.length < MIN_REPEATED_CHARS) return;
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
		// White space before and after the reasoning does not count.
		const isEdge = comparison.matched === 0 || comparison.matched === reasoning.length;
		const rest = isEdge ? text.trimStart() : text;
		const part = rest.slice(0, reasoning.length - comparison.matched);
		if (!reasoning.startsWith(part, comparison.matched)) {
			this.#giveUp(text.length);
			return;
		}
		comparison.matched += part.length;
		const after = rest.slice(part.length).trimStart();
		comparison.length += text.length - after.length;
		if (after === "") return;
		for (const kept of queue.drop(comparison.length)) this.#next.push(kept);
		for (const kept of queue.release(after.length)) this.#next.push(kept);
		this.#comparison = undefined;
		this.#context.note({
			kind: "duplicated-reasoning",
			where: "response.text",
			seen: excerpt(reasoning),
			done: "left out of the text: it came as reasoning",
		});
	}

	/** The text differs from the reasoning: everything that was held is text. */
	#giveUp(last = 0): void {
		const comparison = this.#comparison;
		this.#comparison = undefined;
		for (const event of comparison?.queue.release(comparison.length + last) ?? []) this.#next.push(event);
	}
}
