import type { Note } from "../../protocol/divergence.ts";
import {
	type BlockDeltaEvent,
	type BlockStart,
	type BlockStop,
	type MessageEvent,
	singleEvents,
} from "../../protocol/events.ts";
import type { Sink } from "../../protocol/stage.ts";
import { grammarTable } from "../markup/index.ts";
import { ControlTokenScanner, type TokenPart } from "../markup/scanner/control-tokens.ts";
import type { LiteralSet } from "../markup/scanner/literals.ts";
import { callableTools } from "../markup/scanner/markup-grammar.ts";
import type { ResponseRepair } from "../repair.ts";
import { BlockOutput } from "./block-output.ts";
import { eventText, TextQueue } from "./text-queue.ts";

/**
 * Removes tokens of a chat template that a server left in the text. They would disturb the reader, and a model that
 * finds one in its history writes it again.
 */
export const controlTokens: ResponseRepair = {
	name: "control-tokens",
	stage:
		({ note, request }) =>
		(next) =>
			new ControlTokens(next, note, grammarTable.controlTokens(callableTools(request))),
};

class ControlTokens implements Sink<MessageEvent> {
	readonly #next: Sink<MessageEvent>;
	readonly #output: BlockOutput;
	readonly #note: Note;
	readonly #tokens: LiteralSet;
	/** Set while a text block is open. */
	#text: { scanner: ControlTokenScanner; queue: TextQueue } | undefined;
	/** Tokens that were removed from the open block. */
	readonly #removed = new Set<string>();

	constructor(next: Sink<MessageEvent>, note: Note, tokens: LiteralSet) {
		this.#next = next;
		this.#output = new BlockOutput(next);
		this.#note = note;
		this.#tokens = tokens;
	}

	push(event: MessageEvent): void {
		if (event.type === "content_block_start") this.#start(event);
		else if (event.type === "content_block_delta") this.#delta(event);
		else if (event.type === "content_block_stop") this.#stop(event);
		else this.#next.push(event);
	}

	end(): void {
		this.#next.end();
	}

	#start(event: BlockStart): void {
		if (event.content_block.type !== "text") {
			this.#output.start(event);
			return;
		}
		this.#text = { scanner: new ControlTokenScanner(this.#tokens), queue: new TextQueue() };
		this.#removed.clear();
		this.#output.holdStart(event);
	}

	#delta(event: BlockDeltaEvent): void {
		const text = this.#text;
		if (!text || event.delta.type !== "text_delta" || text.scanner.skim(event.delta.text)) {
			this.#output.add(event);
			return;
		}
		for (const single of singleEvents(event)) {
			text.queue.push(single);
			this.#apply(text.scanner.push(eventText(single)), text.queue);
		}
	}

	#stop(event: BlockStop): void {
		if (this.#text) this.#apply(this.#text.scanner.end(), this.#text.queue);
		this.#text = undefined;
		// A block of nothing but tokens is left out.
		if (this.#removed.size > 0 && this.#output.isHeld) this.#output.leaveOut();
		else this.#output.stop(event);
		this.#removed.clear();
	}

	#apply(parts: readonly TokenPart[], queue: TextQueue): void {
		for (const part of parts) {
			const released = part.kind === "text" ? queue.release(part.length) : queue.drop(part.token.length);
			for (const event of released) this.#output.add(event);
			if (part.kind === "token") this.#record(part.token);
		}
	}

	/** Once for each token of a block. */
	#record(token: string): void {
		if (this.#removed.has(token)) return;
		this.#removed.add(token);
		this.#note({ kind: "control-token", where: "response.text", seen: token, done: "left out" });
	}
}
